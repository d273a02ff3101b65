/** Fakes `wasi:mcp/notifications`. */

import { called } from "./calls.js";

export const resourceUpdated = (...given: unknown[]): any => called("resourceUpdated", ...given);
export const toolsChanged = (...given: unknown[]): any => called("toolsChanged", ...given);
export const resourcesChanged = (...given: unknown[]): any => called("resourcesChanged", ...given);
export const promptsChanged = (...given: unknown[]): any => called("promptsChanged", ...given);
