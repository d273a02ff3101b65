/** Arguments and results: every kind of content, structured content, failures, errors. */

import { McpError } from "@wasi-mcp/guest";
import type { McpServer } from "@wasi-mcp/guest";
import * as z from "zod";

import { everyKind, EXTRA, META } from "../samples.ts";
import { DESTRUCTIVE, READ_ONLY } from "./hints.ts";

export function registerContentTools(server: McpServer): void {
  // Every optional member of a tool.
  server.registerTool(
    "echo",
    {
      title: "Echo",
      description: "Answers with the text it is given.",
      inputSchema: { text: z.string().describe("What to hear again") },
      annotations: {
        title: "Echo",
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
      _meta: META,
      ...EXTRA,
    },
    ({ text }) => text,
  );
  server.registerTool(
    "every-content-kind",
    {
      description: "Answers with one content block of each kind, every member filled.",
      annotations: READ_ONLY,
    },
    () => ({ content: everyKind(), _meta: META, ...EXTRA }),
  );
  server.registerTool(
    "no-content",
    { description: "Answers with an empty list of content.", annotations: READ_ONLY },
    () => ({ content: [] }),
  );
  server.registerTool(
    "fail",
    {
      description: "Answers with a failure of the tool, which is a result and no error.",
      inputSchema: { message: z.string().optional() },
      annotations: READ_ONLY,
    },
    ({ message }) => {
      throw new Error(message ?? "This tool always fails.");
    },
  );
  server.registerTool(
    "large-text",
    {
      description: "Answers with a text of the given size.",
      inputSchema: { bytes: z.int().min(0).max(268_435_456) },
      annotations: READ_ONLY,
    },
    ({ bytes }) => "x".repeat(bytes),
  );
  server.registerTool(
    "sum",
    {
      description: "Adds numbers up.",
      inputSchema: { numbers: z.array(z.number()) },
      outputSchema: { sum: z.number(), count: z.int() },
      annotations: READ_ONLY,
    },
    ({ numbers }) => ({
      structuredContent: { sum: numbers.reduce((sum, it) => sum + it, 0), count: numbers.length },
    }),
  );
  // A plain JSON Schema, of which the types of arguments and results are derived.
  const anything = { type: "object", properties: { value: {} }, required: ["value"] } as const;
  server.registerTool(
    "echo-structured",
    {
      description: "Answers with the value it is given as structured content.",
      inputSchema: anything,
      outputSchema: anything,
      annotations: READ_ONLY,
    },
    ({ value }) => ({ structuredContent: { value } }),
  );
  const int32 = z
    .int()
    .min(-(2 ** 31))
    .max(2 ** 31 - 1);
  server.registerTool(
    "answer-error",
    {
      description: "Answers with an MCP error of the given code, message and data.",
      inputSchema: { code: int32, message: z.string(), data: z.unknown().optional() },
      annotations: READ_ONLY,
    },
    ({ code, message, data }) => {
      throw new McpError(code, message, data);
    },
  );
  // MCP has no such kinds yet, so that clients should not call this unasked.
  server.registerTool(
    "return-other-block",
    {
      description:
        "Returns the given JSON as a content block of a kind that the interface does not name.",
      inputSchema: { json: z.string() },
      annotations: DESTRUCTIVE,
    },
    ({ json }) => ({ content: [JSON.parse(json)] }),
  );
}
