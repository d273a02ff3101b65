/** Questions to the client's user. A server that uses this imports `wasi:mcp/elicitation`. */

import * as elicitation from "wasi:mcp/elicitation";

import type { Meta } from "./content.js";
import { request, RequestError } from "./errors.js";
import type { Extra } from "./extra.js";
import type { JsonObject } from "./json.js";
import * as records from "./records.js";
import { compileObject, issueText } from "./schema.js";
import type { ObjectSchema, Output } from "./schema.js";

/** A question with a flat form, whose fields are texts, numbers, choices, or yes and no. */
export interface ElicitParams<S extends ObjectSchema> {
  /** The message to the user. */
  message: string;
  /** The form: a shape, the schema of a library, or a JSON Schema. */
  requestedSchema: S;
  _meta?: Meta;
  [member: string]: unknown;
}

/** The user's answer. `content` has the values of the form. */
export type ElicitResult<Content> = { _meta?: JsonObject; [member: string]: unknown } & (
  { action: "accept"; content: Content } | { action: "decline" | "cancel"; content?: undefined }
);

/**
 * Requests data from the client's user: `elicitation/create`.
 *
 * The answer's values are checked by the schema; a JSON Schema checks nothing here. Fails with a
 * {@link RequestError}, with the code `method-not-found` where the client does not ask its user.
 * Never ask for secrets.
 */
export async function elicit<const S extends ObjectSchema>(
  extra: Extra,
  params: ElicitParams<S>,
): Promise<ElicitResult<Output<S>>> {
  const schema = compileObject(params.requestedSchema, "input", "requestedSchema");
  const { additionalProperties: _, ...requestedSchema } = schema.json;
  const form = { properties: {}, ...requestedSchema };
  const bound = records.elicitParams.encode({ ...params, requestedSchema: form }, "");
  const answer = await request(() => elicitation.elicit(extra.context, bound));
  const result: ElicitResult<Output<S>> = records.elicitResult.decode(answer);
  if (result.action !== "accept") return result;
  const outcome = await schema.validate(result.content ?? {});
  if (outcome.issues) {
    throw new RequestError(
      "internal-error",
      `the user's answer does not fit: ${issueText(outcome.issues)}`,
    );
  }
  return { ...result, content: outcome.value as Output<S> };
}
