/** Fakes `wasi:mcp/sampling`. */

import { called } from "./calls.js";

export const createMessage = (...given: unknown[]): any => called("createMessage", ...given);
