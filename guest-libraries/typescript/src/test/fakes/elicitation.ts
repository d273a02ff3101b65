/** Fakes `wasi:mcp/elicitation`. */

import { called } from "./calls.js";

export const elicit = (...given: unknown[]): any => called("elicit", ...given);
