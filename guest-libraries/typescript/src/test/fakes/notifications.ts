/** Fakes `wasi:mcp/notifications`. */

import { called } from "./calls.js";

export const resourceUpdated = (...given: unknown[]): any => called("resourceUpdated", ...given);
