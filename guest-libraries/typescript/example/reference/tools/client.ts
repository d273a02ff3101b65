/** Requests to the client: its model, its user, its roots. */

import { createMessage, elicit, listRoots, RequestError } from "@wasi-mcp/guest";
import type {
  CallToolResult,
  CreateMessageParams,
  McpServer,
  SamplingContent,
} from "@wasi-mcp/guest";
import * as z from "zod";

import { EXTRA, META, PIXEL, SILENCE } from "../samples.ts";
import { state } from "../state.ts";
import { DESTRUCTIVE, READ_ONLY } from "./hints.ts";

export function registerClientTools(server: McpServer): void {
  server.registerTool(
    "sample",
    {
      description:
        "Asks the client's model, with every parameter filled: a text, an image and a sound.",
      inputSchema: { prompt: z.string() },
      annotations: READ_ONLY,
    },
    ({ prompt }, extra) =>
      reported(async () => {
        const { _meta, content, role, model, stopReason, ...further } = await createMessage(
          extra,
          fullRequest(prompt),
        );
        return {
          structuredContent: {
            role,
            model,
            stopReason,
            content: describe(content),
            extra: further,
          },
          _meta,
        };
      }),
  );
  server.registerTool(
    "sample-many",
    {
      description:
        "Asks the client's model `count` times: at the same time where calls can overlap, else in turn.",
      inputSchema: { count: z.int().min(1).max(1000) },
      annotations: READ_ONLY,
    },
    ({ count }, extra) =>
      reported(async () => {
        const questions = Array.from({ length: count }, (_, number) =>
          textRequest(`Question ${number}`),
        );
        const answers = await Promise.all(
          questions.map((question) => createMessage(extra, question)),
        );
        return { structuredContent: { answers: answers.map(({ content }) => describe(content)) } };
      }),
  );
  server.registerTool(
    "elicit",
    {
      description: "Asks the user for one value of each primitive schema.",
      annotations: READ_ONLY,
    },
    (extra) =>
      reported(async () => {
        const answer = await elicit(extra, {
          message: "Please fill in the form.",
          requestedSchema: FORM,
          _meta: META,
          ...EXTRA,
        });
        return {
          structuredContent: { action: answer.action, content: answer.content ?? null },
          _meta: answer._meta,
        };
      }),
  );
  server.registerTool(
    "elicit-other-field",
    {
      description: "Asks the user with a form field of a kind that the interface does not name.",
      inputSchema: { json: z.string(), message: z.string().default("A field of another kind") },
      annotations: DESTRUCTIVE,
    },
    async ({ json, message }, extra) => {
      const { content } = await elicit(extra, {
        message,
        requestedSchema: { type: "object", properties: { field: JSON.parse(json) } },
      });
      return JSON.stringify(Object.values(content ?? {})[0] ?? null);
    },
  );
  server.registerTool(
    "list-roots",
    { description: "Lists the client's roots.", annotations: READ_ONLY },
    (extra) =>
      reported(async () => {
        const { roots, _meta } = await listRoots(extra, META);
        const listed = roots.map(({ uri, name, _meta }) => ({
          uri,
          name: name ?? null,
          meta: _meta ?? null,
        }));
        return { structuredContent: { roots: listed }, _meta };
      }),
  );
  server.registerTool(
    "locate-in-roots",
    {
      description: "Tells in which of the client's roots a path lies. No file is opened.",
      inputSchema: { path: z.string().describe("An absolute path of the client") },
      annotations: READ_ONLY,
    },
    ({ path }, extra) =>
      reported(async () => {
        for (const { uri } of (await listRoots(extra)).roots) {
          const within = relative(path, uri);
          if (within !== undefined) return { structuredContent: { root: uri, path: within } };
        }
        throw new Error(`${path} lies in none of the client's roots`);
      }),
  );
}

/** One field of each primitive schema, and of each format of text. */
const FORM = {
  type: "object",
  properties: {
    name: {
      type: "string",
      title: "Name",
      description: "What to call you",
      minLength: 1,
      maxLength: 40,
      default: "Ada",
    },
    ratio: bounded("number", 0.5, 99.5),
    age: bounded("integer", 0, 150),
    agreed: { type: "boolean", title: "Agreed", description: "Whether you agree", default: false },
    colour: {
      type: "string",
      title: "Colour",
      description: "Which one",
      enum: ["r", "g", "b"],
      enumNames: ["Red", "Green", "Blue"],
    },
    email: { type: "string", format: "email" },
    homepage: { type: "string", format: "uri" },
    birthday: { type: "string", format: "date" },
    appointment: { type: "string", format: "date-time" },
  },
  required: ["name", "age"],
} as const;

function bounded<T extends "number" | "integer">(type: T, minimum: number, maximum: number) {
  return { type, title: "A number", description: "Within its bounds", minimum, maximum };
}

/** Returns a failure of the tool that names the code: the client refused, or took too long. */
export async function reported(work: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { code, message, data } = error;
    if (code === "cancelled") state.cancellations.push(message);
    return {
      content: [{ type: "text", text: `${code}: ${message}` }],
      structuredContent: { code, message, data },
      isError: true,
    };
  }
}

/** Returns the minimal request: one text from the user. */
export function textRequest(text: string): CreateMessageParams {
  return { messages: [{ role: "user", content: { type: "text", text } }], maxTokens: 100 };
}

function fullRequest(prompt: string): CreateMessageParams {
  return {
    messages: [
      { role: "user", content: { type: "text", text: prompt } },
      { role: "user", content: { type: "image", data: PIXEL, mimeType: "image/png" } },
      { role: "assistant", content: { type: "audio", data: SILENCE, mimeType: "audio/wav" } },
    ],
    maxTokens: 100,
    modelPreferences: {
      hints: [{ name: "small" }, {}],
      costPriority: 0.5,
      speedPriority: 1,
      intelligencePriority: 0,
    },
    systemPrompt: "Be brief.",
    includeContext: "thisServer",
    temperature: 0.7,
    stopSequences: ["END", "\n"],
    metadata: { provider: { seed: 42 } },
    _meta: META,
    ...EXTRA,
  };
}

/** Returns the kind of content, and its text or its size in bytes. */
export function describe(content: SamplingContent): object {
  const { type, text, mimeType, data } = content;
  if (type === "text") return { type, text };
  return data instanceof Uint8Array ? { type, mimeType, bytes: data.length } : { other: content };
}

/** Returns the path relative to the root, if it stays inside. */
function relative(path: string, root: string): string | undefined {
  if (!root.startsWith("file://") || !path.startsWith("/")) return undefined;
  const [outer, inner] = [steps(decodeURIComponent(root.slice("file://".length))), steps(path)];
  // Names are compared as a whole: `/root-sibling` begins with `/root`, but is not inside it.
  const inside = outer.every((step, index) => step === inner[index]);
  return inside ? inner.slice(outer.length).join("/") : undefined;
}

function steps(path: string): string[] {
  const found: string[] = [];
  for (const step of path.split("/")) {
    if (step === "..") found.pop();
    else if (step !== "" && step !== ".") found.push(step);
  }
  return found;
}
