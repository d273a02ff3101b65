/** Fakes `wasi:cli/stderr`. */

import { called } from "./calls.js";

export function getStderr() {
  return {
    blockingWriteAndFlush: (contents: Uint8Array) =>
      called("write", new TextDecoder().decode(contents)),
  };
}
