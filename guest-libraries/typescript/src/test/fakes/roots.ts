/** Fakes `wasi:mcp/roots`. */

import { called } from "./calls.js";

export const listRoots = (...given: unknown[]): any => called("listRoots", ...given);
