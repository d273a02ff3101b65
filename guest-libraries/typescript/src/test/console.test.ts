import assert from "node:assert/strict";
import { test } from "node:test";

import { takeCalls } from "./fakes/calls.js";

/** Returns the console that an engine without one gets. */
async function suppliedConsole(): Promise<Console> {
  const platform = globalThis.console;
  Object.assign(globalThis, { console: undefined });
  try {
    await import(new URL("../console.js?supplied", import.meta.url).href);
    return globalThis.console;
  } finally {
    globalThis.console = platform;
  }
}

test("a supplied console writes lines to stderr", async () => {
  const supplied = await suppliedConsole();
  const written = (): unknown[] => takeCalls().map(([, text]) => text);
  takeCalls();
  supplied.log("a", 1, undefined, { b: [2] });
  supplied.warn(new Error("boom", { cause: "why" }));
  const [line, stack] = written();
  assert.equal(line, 'a 1 undefined {"b":[2]}\n');
  assert.match(String(stack), /^Error: boom\n    at [^]*\ncaused by why\n$/);
  // WASI takes at most 4096 bytes in one call.
  supplied.error("x".repeat(10_000));
  const pieces = written().map(String);
  assert.deepEqual(
    pieces.map(({ length }) => length),
    [4096, 4096, 1809],
  );
});
