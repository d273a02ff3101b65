/** Proposals for the arguments of prompts and the variables of resource templates. */

import type { CompleteParams, CompleteResult } from "wasi:mcp/content";

import { list, string } from "./codec.js";
import { invalidParams } from "./errors.js";
import type { Extra } from "./extra.js";
import type { StandardSchema } from "./schema.js";
import type { PromptArgument, Prompts } from "./prompts.js";
import type { Resources } from "./resources.js";

/** The maximum number of values in an answer, a limit of MCP. */
const MAXIMUM_VALUES = 100;

/** The circumstances in which a value is completed. */
export interface CompletionContext {
  /** The other arguments, as far as the user has filled them in. */
  arguments?: Record<string, string>;
  /** The request. */
  extra: Extra;
}

/** Returns values for the text typed so far, best first. Values beyond 100 are counted only. */
export type Completer = (value: string, context: CompletionContext) => string[] | Promise<string[]>;

const completers = new WeakMap<object, Completer>();

/** Adds proposals to a prompt's argument, which is a schema or a description. */
export function completable<const A extends StandardSchema<any, any> | PromptArgument>(
  argument: A,
  complete: Completer,
): A {
  completers.set(argument, complete);
  return argument;
}

/** Returns the proposals that {@link completable} added. */
export function completerOf(argument: object): Completer | undefined {
  return completers.get(argument);
}

/** Answers `completion/complete`. */
export async function complete(
  extra: Extra,
  params: CompleteParams,
  prompts: Prompts,
  resources: Resources,
): Promise<CompleteResult> {
  const { ref, argument } = params;
  const completer = find(extra, ref, argument.name, prompts, resources);
  const known = params.contextArguments && Object.fromEntries(params.contextArguments);
  const proposed = await completer?.(argument.value, { extra, ...(known && { arguments: known }) });
  const values: string[] = list(string).encode(proposed ?? [], "completion");
  return {
    values: values.slice(0, MAXIMUM_VALUES),
    total: values.length,
    hasMore: values.length > MAXIMUM_VALUES,
  };
}

function find(
  extra: Extra,
  ref: CompleteParams["ref"],
  argument: string,
  prompts: Prompts,
  resources: Resources,
): Completer | undefined {
  const arguments_ = argumentsOf(extra, ref, prompts, resources);
  if (!arguments_.has(argument)) throw invalidParams(`unknown argument: ${argument}`);
  return arguments_.get(argument);
}

/** Returns the names that can be completed, with the proposals of those that have any. */
function argumentsOf(
  extra: Extra,
  ref: CompleteParams["ref"],
  prompts: Prompts,
  resources: Resources,
): ReadonlyMap<string, Completer | undefined> {
  if (ref.tag === "prompt") {
    const found = prompts.completers(ref.val.name, extra);
    if (!found) throw invalidParams(`unknown prompt: ${ref.val.name}`);
    return found;
  }
  const template = ref.tag === "resource-template" ? resources.template(ref.val, extra) : undefined;
  if (!template) throw invalidParams(`unknown resource template: ${ref.val}`);
  const { uriTemplate, options } = template;
  return new Map(uriTemplate.names.map((name) => [name, options.complete?.[name]]));
}
