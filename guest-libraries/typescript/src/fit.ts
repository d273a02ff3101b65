/**
 * Checks values by the keywords of JSON Schema that give types, and by bounds. Other keywords, such
 * as `$ref`, `oneOf` and `pattern`, check nothing: this library has no validator.
 */

import { shown } from "./codec.js";
import type { Issue } from "./schema.js";

type Keywords = { readonly [keyword: string]: unknown };

/** The names of `type`, their descriptions and tests. */
const TYPES: Record<string, [expected: string, test: (value: unknown) => boolean]> = {
  null: ["null", (value) => value === null],
  boolean: ["true or false", (value) => typeof value === "boolean"],
  number: ["a number", (value) => typeof value === "number"],
  integer: ["a whole number", Number.isInteger],
  string: ["a string", (value) => typeof value === "string"],
  array: ["an array", Array.isArray],
  object: ["an object", isObject],
};

// A bound does not apply to values of other types: nothing is less or greater than NaN.
const amount = (value: unknown) => (typeof value === "number" ? value : NaN);
const characters = (value: unknown) => (typeof value === "string" ? [...value].length : NaN);
const elements = (value: unknown) => (Array.isArray(value) ? value.length : NaN);

const isLess = (measured: number, bound: number) => measured < bound;
const isGreater = (measured: number, bound: number) => measured > bound;

/** The keywords of bounds: what they measure, a test of a breach, and the words around the bound. */
const BOUNDS: [
  keyword: string,
  measure: (value: unknown) => number,
  isBroken: (measured: number, bound: number) => boolean,
  words: [before: string, after?: string],
][] = [
  ["minimum", amount, isLess, ["at least"]],
  ["maximum", amount, isGreater, ["at most"]],
  ["exclusiveMinimum", amount, (value, bound) => value <= bound, ["more than"]],
  ["exclusiveMaximum", amount, (value, bound) => value >= bound, ["less than"]],
  ["minLength", characters, isLess, ["at least", " characters"]],
  ["maxLength", characters, isGreater, ["at most", " characters"]],
  ["minItems", elements, isLess, ["at least", " items"]],
  ["maxItems", elements, isGreater, ["at most", " items"]],
];

/** Returns the reasons why a value does not fit a JSON Schema. */
export function misfits(value: unknown, schema: unknown, path: readonly string[] = []): Issue[] {
  if (schema === false) return [{ message: "is unknown", path }];
  if (!isObject(schema)) return [];
  const types = listed(schema["type"])
    .map((name) => TYPES[String(name)])
    .filter((type) => type !== undefined);
  const unexpected = (expected: string): Issue => ({
    message: `expected ${expected}, found ${shown(value)}`,
    path,
  });
  if (types.length > 0 && !types.some(([, test]) => test(value))) {
    return [unexpected(types.map(([expected]) => expected).join(" or "))];
  }
  const issues: Issue[] = [];
  const choices = "const" in schema ? [schema["const"]] : schema["enum"];
  if (Array.isArray(choices) && !choices.some((choice) => isSame(choice, value))) {
    issues.push(unexpected(choices.map((choice) => JSON.stringify(choice)).join(" or ")));
  }
  const { anyOf } = schema;
  if (Array.isArray(anyOf) && anyOf.every((it) => misfits(value, it, path).length > 0)) {
    issues.push(unexpected("a value that fits one schema of `anyOf`"));
  }
  for (const [keyword, measure, isBroken, [before, after = ""]] of BOUNDS) {
    const bound = schema[keyword];
    if (typeof bound === "number" && isBroken(measure(value), bound)) {
      issues.push(unexpected(`${before} ${bound}${after}`));
    }
  }
  if (Array.isArray(value)) issues.push(...misfitItems(value, schema, path));
  else if (isObject(value)) issues.push(...misfitMembers(value, schema, path));
  return issues;
}

function misfitItems(values: unknown[], { prefixItems, items }: Keywords, path: readonly string[]) {
  const begin = listed(prefixItems).length;
  return values
    .slice(begin)
    .flatMap((value, index) => misfits(value, items, [...path, String(begin + index)]));
}

function misfitMembers(object: Keywords, schema: Keywords, path: readonly string[]): Issue[] {
  const { properties, patternProperties, additionalProperties } = schema;
  const known = isObject(properties) ? properties : {};
  const further = patternProperties === undefined ? additionalProperties : undefined;
  const missing = listed(schema["required"]).filter((name) => !Object.hasOwn(object, String(name)));
  return [
    ...missing.map((name) => ({ message: "is required", path: [...path, String(name)] })),
    ...Object.entries(object).flatMap(([name, value]) =>
      misfits(value, Object.hasOwn(known, name) ? known[name] : further, [...path, name]),
    ),
  ];
}

/** Returns the elements of a keyword that is a list, or may be one. */
function listed(keyword: unknown): unknown[] {
  return keyword === undefined ? [] : [keyword].flat();
}

/** Returns whether a value is the one of the schema. Of objects and arrays nothing is said. */
function isSame(choice: unknown, value: unknown): boolean {
  const isOpen = (it: unknown) => typeof it === "object" && it !== null;
  return choice === value || (isOpen(choice) && isOpen(value));
}

function isObject(value: unknown): value is Keywords {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
