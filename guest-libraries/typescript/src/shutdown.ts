/** The end of an instance. A server that uses this imports `wasi:mcp/shutdown`. */

import * as shutdown from "wasi:mcp/shutdown";

/** Returns whether the host has begun to stop this instance. */
export function isStopped(): boolean {
  return shutdown.isStopped();
}
