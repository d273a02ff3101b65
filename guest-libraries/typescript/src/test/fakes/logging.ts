/** Fakes `wasi:mcp/logging`. */

import { called } from "./calls.js";

export const log = (...given: unknown[]): any => called("log", ...given);
