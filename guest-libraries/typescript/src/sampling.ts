/** Requests to the client's model. A server that uses this imports `wasi:mcp/sampling`. */

import * as sampling from "wasi:mcp/sampling";

import type { CreateMessageParams, CreateMessageResult } from "./content.js";
import { request } from "./errors.js";
import type { Extra } from "./extra.js";
import * as records from "./records.js";

/**
 * Requests a message from the client's model: `sampling/createMessage`.
 *
 * Fails with a {@link RequestError}, with the code `method-not-found` where the client has no model
 * to offer, and with a code of the client's choice, often -1, where its user refuses.
 */
export async function createMessage(
  extra: Extra,
  params: CreateMessageParams,
): Promise<CreateMessageResult> {
  const bound = records.createMessageParams.encode(params, "");
  const result = await request(() => sampling.createMessage(extra.context, bound));
  return records.createMessageResult.decode(result);
}
