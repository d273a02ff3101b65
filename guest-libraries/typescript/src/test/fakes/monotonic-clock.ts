/** Fakes `wasi:clocks/monotonic-clock` of WASI 0.2. */

import { called } from "./calls.js";

export const waitFor = undefined;

export function subscribeDuration(when: number) {
  return { block: () => called("block", when) };
}
