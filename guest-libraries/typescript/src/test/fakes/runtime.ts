/** Fakes `wasi:mcp/runtime`. */

import { called } from "./calls.js";

export const registerServer = (...given: unknown[]): any => called("registerServer", ...given);
export const registerTools = (...given: unknown[]): any => called("registerTools", ...given);
export const unregisterTools = (...given: unknown[]): any => called("unregisterTools", ...given);
export const registerResources = (...given: unknown[]): any =>
  called("registerResources", ...given);
export const unregisterResources = (...given: unknown[]): any =>
  called("unregisterResources", ...given);
export const registerResourceTemplates = (...given: unknown[]): any =>
  called("registerResourceTemplates", ...given);
export const unregisterResourceTemplates = (...given: unknown[]): any =>
  called("unregisterResourceTemplates", ...given);
export const registerPrompts = (...given: unknown[]): any => called("registerPrompts", ...given);
export const unregisterPrompts = (...given: unknown[]): any =>
  called("unregisterPrompts", ...given);
export const serve = (...given: unknown[]): any => called("serve", ...given);
