/** Waiting. A server that uses this imports `wasi:clocks/monotonic-clock`. */

import * as clock from "wasi:clocks/monotonic-clock";

/** The type that the engine has for `u64`. The bundler sets it: see `build/bundle.ts`. */
declare const WASI_MCP_U64: typeof Number | typeof BigInt;

/**
 * Waits for a time. In WASI 0.2 the whole instance waits, in 0.3 only the handler. There is no
 * `setTimeout` in QuickJS.
 */
export async function sleep(milliseconds: number): Promise<void> {
  const nanoseconds = WASI_MCP_U64(Math.round(milliseconds * 1e6));
  if (clock.waitFor) await clock.waitFor(nanoseconds);
  else clock.subscribeDuration!(nanoseconds).block();
}
