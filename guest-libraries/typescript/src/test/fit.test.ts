import assert from "node:assert/strict";
import { test } from "node:test";

import { misfits } from "../fit.js";
import { issueText } from "../schema.js";

const schema = {
  type: "object",
  properties: {
    n: { type: "integer", minimum: 1, exclusiveMaximum: 10 },
    s: { type: ["string", "null"], minLength: 2, maxLength: 3 },
    unit: { enum: ["cm", "m", 3] },
    fixed: { const: true },
    either: { anyOf: [{ type: "string" }, { type: "object", required: ["x"] }] },
    tags: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 2 },
    pair: { prefixItems: [true, true], items: { type: "number" } },
    inner: { type: "object", properties: { x: { type: "boolean" } }, required: ["x"] },
  },
  required: ["n"],
  additionalProperties: false,
};

test("values that fit have no issues", () => {
  for (const value of [
    { n: 1 },
    { n: 9.0, s: null, unit: 3, fixed: true, either: { x: 1 }, tags: ["a"] },
    { n: 1, s: "🦀🦀🦀", pair: ["a", null, 3], inner: { x: false, y: 1 } },
  ]) {
    assert.deepEqual(misfits(value, schema), [], JSON.stringify(value));
  }
});

test("values that do not fit have issues with their places", () => {
  const cases: [value: unknown, text: string][] = [
    [[], "expected an object, found an array"],
    [null, "expected an object, found null"],
    [{}, "n: is required"],
    [{ n: "1" }, 'n: expected a whole number, found "1"'],
    [{ n: "x".repeat(101) }, "n: expected a whole number, found a longer text"],
    [{ n: 1.5 }, "n: expected a whole number, found 1.5"],
    [{ n: 0 }, "n: expected at least 1, found 0"],
    [{ n: 10 }, "n: expected less than 10, found 10"],
    [{ n: 1, s: 1 }, "s: expected a string or null, found 1"],
    [{ n: 1, s: "a" }, 's: expected at least 2 characters, found "a"'],
    [{ n: 1, s: "abcd" }, 's: expected at most 3 characters, found "abcd"'],
    [{ n: 1, unit: "km" }, 'unit: expected "cm" or "m" or 3, found "km"'],
    [{ n: 1, fixed: false }, "fixed: expected true, found false"],
    [
      { n: 1, either: {} },
      "either: expected a value that fits one schema of `anyOf`, found an object with no members",
    ],
    [{ n: 1, tags: [] }, "tags: expected at least 1 items, found an array"],
    [{ n: 1, tags: ["a", 2] }, "tags.1: expected a string, found 2"],
    [{ n: 1, pair: [1, 2, "3"] }, 'pair.2: expected a number, found "3"'],
    [{ n: 1, inner: {} }, "inner.x: is required"],
    [
      { n: 0, m: 1, toString: 2 },
      "n: expected at least 1, found 0; m: is unknown; toString: is unknown",
    ],
  ];
  for (const [value, text] of cases) {
    assert.equal(issueText(misfits(value, schema)), text);
  }
});

test("other keywords, and schemas that are none, refuse nothing", () => {
  for (const open of [
    true,
    undefined,
    { $ref: "#/$defs/x", type: "unheard-of", oneOf: [false], pattern: "^$" },
    { additionalProperties: false, patternProperties: { "^x": true } },
    { enum: [{ a: 1, b: 2 }] },
    { minimum: "x", required: "x", properties: [], items: [false] },
  ]) {
    assert.deepEqual(misfits({ x: 1 }, open), []);
    assert.deepEqual(misfits([1], { items: [open] }), []);
  }
  assert.equal(
    issueText(misfits({ y: { z: 1 } }, { additionalProperties: { type: "string" } })),
    "y: expected a string, found an object with `z`",
  );
});
