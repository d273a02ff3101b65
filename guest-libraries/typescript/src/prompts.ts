/** Prompts: registration, and filling in arguments. */

import type {
  GetPromptParams,
  GetPromptResult as BoundResult,
  ListPromptsResult,
  Prompt,
} from "wasi:mcp/content";
import * as notifications from "wasi:mcp/notifications";
import * as runtime from "wasi:mcp/runtime";

import { lastArgument, mismatch } from "./codec.js";
import { completerOf } from "./completion.js";
import type { Completer } from "./completion.js";
import type { GetPromptResult, Meta } from "./content.js";
import { invalidParams } from "./errors.js";
import type { Extra } from "./extra.js";
import type { JsonObject } from "./json.js";
import type { ServerOptions } from "./options.js";
import type { Cursor } from "./pages.js";
import * as records from "./records.js";
import { Registry } from "./registry.js";
import type { Kind, Registered } from "./registry.js";
import { acceptsAbsence, isStandardSchema, issueText, jsonSchema } from "./schema.js";
import type { Output, Simplify, StandardSchema } from "./schema.js";

/** An argument that is described without a schema. Its value is the text that the user gave. */
export interface PromptArgument {
  /** The name for people. */
  title?: string;
  /** A description of the expected value. */
  description?: string;
  /** The argument is required, unless this is `false`. */
  required?: boolean;
  [member: string]: unknown;
}

/** The arguments of a prompt: a schema of a text, or a description, for each. */
export type PromptArguments = {
  readonly [name: string]: StandardSchema<any, any> | PromptArgument;
};

/** The values of a prompt's arguments. */
export type PromptValues<A extends PromptArguments> = Simplify<
  { [K in keyof A as undefined extends Value<A[K]> ? never : K]: Value<A[K]> } & {
    [K in keyof A as undefined extends Value<A[K]> ? K : never]?: Value<A[K]>;
  }
>;

type Value<A> =
  A extends StandardSchema<any, any>
    ? Output<A>
    : A extends { readonly required: false }
      ? string | undefined
      : string;

/** The description of a prompt. */
export interface PromptConfig<A extends PromptArguments | undefined> {
  /** The name for people. */
  title?: string;
  /** A description of the prompt's purpose. */
  description?: string;
  /** The arguments. */
  argsSchema?: A;
  _meta?: Meta;
  [member: string]: unknown;
}

/** The answer of a prompt: the text of one message from the user, or a result. */
export type PromptReturn = string | GetPromptResult;

/** The function of a prompt. Without arguments it takes the request alone. */
export type PromptCallback<A extends PromptArguments | undefined = undefined> =
  A extends PromptArguments
    ? (args: PromptValues<A>, extra: Extra) => PromptReturn | Promise<PromptReturn>
    : (extra: Extra) => PromptReturn | Promise<PromptReturn>;

interface Entry {
  readonly name: string;
  readonly description?: string;
  readonly arguments?: PromptArguments;
  readonly callback: (...given: any[]) => unknown;
}

const KIND: Kind<Prompt> = {
  name: "prompt",
  capability: "prompts",
  register: (items) => runtime.registerPrompts(items),
  unregister: (names) => runtime.unregisterPrompts(names),
  changed: () => notifications.promptsChanged(),
};

export class Prompts {
  readonly #registry: Registry<Prompt, Entry>;

  constructor(options: ServerOptions) {
    this.#registry = new Registry(KIND, options);
  }

  get isEmpty(): boolean {
    return this.#registry.isEmpty;
  }

  get isCompletable(): boolean {
    return this.#registry.some((entry) => [...completers(entry).values()].some(Boolean));
  }

  publish(): void {
    this.#registry.publish();
  }

  register(
    name: string,
    config: PromptConfig<PromptArguments | undefined>,
    callback: unknown,
  ): Registered {
    const place = `prompt "${name}"`;
    lastArgument.encode(callback, place);
    const { argsSchema, ...described } = config;
    const listed = Object.entries(argsSchema ?? {}).map(([argument, schema]) =>
      describe(argument, schema, `${place}: argsSchema.${argument}`),
    );
    const item = records.prompt.encode(
      { ...described, name, arguments: listed.length > 0 ? listed : undefined },
      place,
    );
    return this.#registry.add(name, item, {
      name,
      description: config.description,
      arguments: argsSchema,
      callback: callback as Entry["callback"],
    });
  }

  /** Returns the arguments of a prompt, with the proposals of those that have any. */
  completers(name: string, extra: Extra): ReadonlyMap<string, Completer | undefined> | undefined {
    const entry = this.#registry.find(name, extra);
    return entry ? completers(entry) : undefined;
  }

  list(extra: Extra, cursor: Cursor): ListPromptsResult {
    const { items, nextCursor } = this.#registry.page(extra, cursor);
    return { prompts: items, nextCursor };
  }

  async get(extra: Extra, params: GetPromptParams): Promise<BoundResult> {
    const entry = this.#registry.find(params.name, extra);
    if (!entry) throw invalidParams(`unknown prompt: ${params.name}`);
    const given = entry.arguments ? [await filled(entry.arguments, params), extra] : [extra];
    const result = completed(entry, await entry.callback(...given));
    return records.getPromptResult.encode(result, "");
  }
}

/** Returns the listing of an argument. */
function describe(
  name: string,
  argument: StandardSchema | PromptArgument,
  place: string,
): JsonObject {
  if (!isStandardSchema(argument)) {
    const { required = true, ...described } = argument;
    return { ...described, name, required };
  }
  const { title, description } = jsonSchema(argument, "input", place);
  return { name, title, description, required: !acceptsAbsence(argument) };
}

function completers({ arguments: given }: Entry): ReadonlyMap<string, Completer | undefined> {
  return new Map(
    Object.entries(given ?? {}).map(([name, argument]) => [name, completerOf(argument)]),
  );
}

/** Returns the values of the declared arguments. */
async function filled(declared: PromptArguments, params: GetPromptParams): Promise<JsonObject> {
  const given = new Map(params.arguments ?? []);
  const values: JsonObject = {};
  for (const [name, argument] of Object.entries(declared)) {
    const value = given.get(name);
    if (isStandardSchema(argument)) {
      const outcome = await argument["~standard"].validate(value);
      if (outcome.issues) {
        throw invalidParams(`Invalid argument ${name}: ${issueText(outcome.issues)}`);
      }
      if (outcome.value !== undefined) values[name] = outcome.value;
    } else if (value !== undefined) {
      values[name] = value;
    } else if (argument.required !== false) {
      throw invalidParams(`Missing argument: ${name}`);
    }
  }
  return values;
}

function completed({ description }: Entry, returned: unknown): GetPromptResult {
  if (typeof returned === "string") {
    return { description, messages: [{ role: "user", content: { type: "text", text: returned } }] };
  }
  if (typeof returned === "object" && returned !== null && "messages" in returned) {
    return { description, ...(returned as GetPromptResult) };
  }
  return mismatch("result", "a string, or an object with `messages`", returned);
}
