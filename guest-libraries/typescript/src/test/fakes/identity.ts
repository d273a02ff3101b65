/** Fakes `wasi:mcp/identity`. */

import { called } from "./calls.js";

export const getPrincipal = (...given: unknown[]): any => called("getPrincipal", ...given);
