import assert from "node:assert/strict";
import { test } from "node:test";

import { appendSourceLines } from "../build/source-lines.js";
import { fromBase64, utf8 } from "../bytes.js";
import { innermostPlace, withSourceLines } from "../source-lines.js";

test("text is encoded as the platform does", () => {
  for (const text of ["", "abc", "ü ß", "你好", "🦀", "\ud800x", "\u07ff\u0800\uffff"]) {
    assert.deepEqual(utf8(text), new TextEncoder().encode(text), JSON.stringify(text));
  }
});

test("base64 is decoded as the platform does", () => {
  for (let length = 0; length < 20; length++) {
    const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 77) % 256));
    assert.deepEqual(fromBase64(bytes.toString("base64")), new Uint8Array(bytes));
  }
  for (const text of ["A", "AA", "A===", "AA=A", "A-==", "AAAA\n"]) {
    assert.equal(fromBase64(text), undefined, text);
  }
});

test("frames of the author's files name them", () => {
  // Two lines: the first of a library, the second of app.ts, line 5.
  const map = JSON.stringify({ sources: ["lib.js", "app.ts"], mappings: "AAAA;ACIA" });
  const code = appendSourceLines("lib();\napp();", map, (source) =>
    source === "app.ts" ? source : undefined,
  );
  assert.ok(code.startsWith("lib();\napp();\n"));
  (0, eval)(code.slice(code.indexOf("globalThis")));
  try {
    assert.equal(
      withSourceLines("    at f (/elsewhere/component.js:2:7)\n    at g (/elsewhere/component.js:1:1)\n"),
      "    at f (app.ts:5)\n    at g (/elsewhere/component.js:1:1)\n",
    );
    assert.equal(withSourceLines("f@component.js:2:7\n"), "f@app.ts:5\n");
    assert.equal(innermostPlace("g@component.js:1:1\nf@component.js:2:7\n"), "app.ts:5");
    assert.equal(innermostPlace("g@component.js:1:1\n"), undefined);
  } finally {
    globalThis.WASI_MCP_SOURCE_LINES = undefined;
  }
});
