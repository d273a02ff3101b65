/** Tools: registration and calls. */

import type {
  CallToolParams,
  CallToolResult as BoundResult,
  ListToolsResult,
  Tool,
} from "wasi:mcp/content";
import * as notifications from "wasi:mcp/notifications";
import * as runtime from "wasi:mcp/runtime";

import { lastArgument, mismatch } from "./codec.js";
import type { CallToolResult, ContentBlock, Meta, ToolAnnotations } from "./content.js";
import { errorText } from "./error-text.js";
import { invalidParams, McpError, messageOf } from "./errors.js";
import type { Extra } from "./extra.js";
import { misfits } from "./fit.js";
import { jsonText, jsonValue } from "./json.js";
import type { JsonObject } from "./json.js";
import type { ServerOptions } from "./options.js";
import type { Cursor } from "./pages.js";
import * as records from "./records.js";
import { Registry } from "./registry.js";
import type { Kind, Registered } from "./registry.js";
import { compileObject, issueText, pathOf } from "./schema.js";
import type { Compiled, Input, Issue, ObjectSchema, Output } from "./schema.js";
import { innermostPlace } from "./source-lines.js";

/** The description of a tool. */
export interface ToolConfig<
  In extends ObjectSchema | undefined,
  Out extends ObjectSchema | undefined,
> {
  /** The name for people. */
  title?: string;
  /** A description of the tool for a model. */
  description?: string;
  /** The schema of the arguments. A tool without one takes none. */
  inputSchema?: In;
  /** The schema of `structuredContent`. */
  outputSchema?: Out;
  /** Hints about the tool's behaviour. */
  annotations?: ToolAnnotations;
  _meta?: Meta;
  [member: string]: unknown;
}

/** The answer of a tool: a text, or a result. With an output schema it has structured content. */
export type ToolReturn<Out extends ObjectSchema | undefined> = Out extends ObjectSchema
  ? (CallToolResult & { structuredContent: Input<Out> }) | (CallToolResult & { isError: true })
  : string | CallToolResult;

/** The function of a tool. Without an input schema it takes the request alone. */
export type ToolCallback<
  In extends ObjectSchema | undefined = undefined,
  Out extends ObjectSchema | undefined = undefined,
> = In extends ObjectSchema
  ? (args: Output<In>, extra: Extra) => ToolReturn<Out> | Promise<ToolReturn<Out>>
  : (extra: Extra) => ToolReturn<Out> | Promise<ToolReturn<Out>>;

interface Entry {
  readonly name: string;
  /** The stack of the registration. */
  readonly registration: string;
  /** The JSON Schema of the arguments, as it is listed. */
  readonly listed: JsonObject;
  readonly input?: Compiled;
  readonly callback: (...given: any[]) => unknown;
}

const KIND: Kind<Tool> = {
  name: "tool",
  capability: "tools",
  register: (items) => runtime.registerTools(items),
  unregister: (names) => runtime.unregisterTools(names),
  changed: () => notifications.toolsChanged(),
};

export class Tools {
  readonly #options: ServerOptions;
  readonly #registry: Registry<Tool, Entry>;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#registry = new Registry(KIND, options);
  }

  get isEmpty(): boolean {
    return this.#registry.isEmpty;
  }

  publish(): void {
    this.#registry.publish();
  }

  register(
    name: string,
    config: ToolConfig<ObjectSchema | undefined, ObjectSchema | undefined>,
    callback: unknown,
  ): Registered {
    const place = `tool "${name}"`;
    lastArgument.encode(callback, place);
    const { inputSchema, outputSchema, ...described } = config;
    const input = inputSchema && compileObject(inputSchema, "input", `${place}: inputSchema`);
    const output = outputSchema && compileObject(outputSchema, "output", `${place}: outputSchema`);
    const listed = input?.json ?? { type: "object", additionalProperties: false };
    const item = records.tool.encode(
      { ...described, name, inputSchema: listed, outputSchema: output?.json },
      place,
    );
    return this.#registry.add(name, item, {
      name,
      registration: new Error().stack ?? "",
      listed,
      input,
      callback: callback as Entry["callback"],
    });
  }

  /** Returns the name of a tool for operators. */
  subject(name: string): string {
    const entry = this.#registry.any(name);
    return entry ? subject(entry) : `tool "${name}"`;
  }

  list(extra: Extra, cursor: Cursor): ListToolsResult {
    const { items, nextCursor } = this.#registry.page(extra, cursor);
    return { tools: items, nextCursor };
  }

  async call(extra: Extra, params: CallToolParams): Promise<BoundResult> {
    const entry = this.#registry.find(params.name, extra);
    if (!entry) throw invalidParams(`unknown tool: ${params.name}`);
    const value = jsonValue(params.arguments) ?? {};
    // The host has checked the arguments of a backend by the schema that it lists.
    const issues = this.#options.service ? misfits(value, entry.listed) : [];
    if (issues.length > 0) refuse(issues);
    const given = entry.input ? [await validated(entry.input, value), extra] : [extra];
    try {
      return records.callToolResult.encode(completed(await entry.callback(...given)), "");
    } catch (error) {
      if (error instanceof McpError) throw error;
      console.error(`${subject(entry)}: ${errorText(error)}`);
      return records.callToolResult.encode(failed(messageOf(error)), "");
    }
  }
}

/** Returns the name of a tool for operators, with the place of its registration. */
function subject({ name, registration }: Entry): string {
  // The table of places is there when the program has run, and not yet at the registration.
  const place = innermostPlace(registration);
  return place === undefined ? `tool "${name}"` : `tool "${name}" (${place})`;
}

async function validated(input: Compiled, value: unknown): Promise<unknown> {
  const outcome = await input.validate(value);
  return outcome.issues ? refuse(outcome.issues) : outcome.value;
}

function refuse(issues: readonly Issue[]): never {
  const places = issues.map((issue) => ({ message: issue.message, path: pathOf(issue) }));
  throw invalidParams(`Invalid arguments: ${issueText(issues)}`, { issues: places });
}

/** Returns a result from what a tool returned. */
function completed(returned: unknown): CallToolResult {
  if (typeof returned === "string") return { content: [text(returned)] };
  if (typeof returned !== "object" || returned === null || !isResult(returned)) {
    mismatch("result", "a string, or an object with `content` or `structuredContent`", returned);
  }
  if (returned.content) return returned;
  const structured = returned.structuredContent;
  return { ...returned, content: structured === undefined ? [] : [text(jsonText(structured))] };
}

function isResult(returned: object): returned is CallToolResult {
  return ["content", "structuredContent", "isError"].some((member) => member in returned);
}

/** Returns the result of a tool that failed. */
function failed(message: string): CallToolResult {
  return { content: [text(message)], isError: true };
}

function text(text: string): ContentBlock {
  return { type: "text", text };
}
