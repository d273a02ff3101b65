/** Fakes `wasi:mcp/shutdown`. */

import { called } from "./calls.js";

export const isStopped = (...given: unknown[]): any => called("isStopped", ...given);
