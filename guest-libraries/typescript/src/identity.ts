/** The party behind a request. A server that uses this imports `wasi:mcp/identity`. */

import * as identity from "wasi:mcp/identity";

import type { Extra } from "./extra.js";
import type { JsonObject } from "./json.js";
import * as records from "./records.js";

/** The authenticated party on whose behalf a request was made: claims of its access token. */
export interface Principal {
  /** The authorization server that vouches for the principal. */
  issuer: string;
  /** The identifier of the user, unique only together with `issuer`. */
  subject?: string;
  /** The OAuth client that the token was issued to. */
  clientId?: string;
  /** The scopes that the token grants. */
  scopes: string[];
  /** Further claims that the operator shows to this component. */
  claims: JsonObject;
}

/** Returns the principal of the request; `undefined` where the transport does not authenticate. */
export function getPrincipal(extra: Extra): Principal | undefined {
  const principal = identity.getPrincipal(extra.context);
  return principal ? records.principal.decode(principal) : undefined;
}
