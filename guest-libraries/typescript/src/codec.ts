/**
 * Tables that map MCP's objects to the records of the bindings and back, by the rules of the
 * interface `wasi:mcp/types`.
 *
 * Values of the author are checked as they are encoded, because engines trap at a wrong type. Values
 * of the host are decoded unchecked.
 */

import { fromBase64 } from "./bytes.js";
import { jsonText, jsonValue } from "./json.js";
import type { JsonObject } from "./json.js";

/** Maps a value of MCP to one of the bindings, and back. */
export interface Codec<Wire = any, Bound = any> {
  /** @param place names the value in errors: `content[0].text` */
  encode(value: Wire, place: string): Bound;
  decode(value: Bound): Wire;
}

/** Throws the error of a value that is not what is expected. */
export function mismatch(place: string, expected: string, found: unknown): never {
  throw new TypeError(`${place}: expected ${expected}, found ${shown(found)}`);
}

/** The greatest length of a text that errors show. */
const SHOWN_LENGTH = 100;

/** Describes a value for an error. */
export function shown(value: unknown): string {
  if (typeof value === "string" && value.length > SHOWN_LENGTH) return "a longer text";
  if (typeof value === "function") return "a function";
  if (value instanceof Promise) return "a promise";
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? String(value);
  if (Array.isArray(value)) return "an array";
  const names = Object.keys(value).map((name) => `\`${name}\``);
  return `an object with ${names.join(", ") || "no members"}`;
}

/** A value that is the same on both sides, if it passes a test. */
function leaf(expected: string, test: (value: unknown) => boolean): Codec {
  return {
    encode: (value, place) => (test(value) ? value : mismatch(place, expected, value)),
    decode: (value) => value,
  };
}

export const string = leaf("a string", (value) => typeof value === "string");
export const number = leaf("a number", (value) => typeof value === "number");
export const boolean = leaf("true or false", (value) => typeof value === "boolean");
/** A whole number of 32 bits without a sign. */
export const u32 = leaf(
  "a whole number from 0 to 4294967295",
  (value) => typeof value === "number" && value >>> 0 === value,
);

const isFunction = (value: unknown): boolean => typeof value === "function";

export const callback = leaf("a function", isFunction);
/** The function at the end of a registration. */
export const lastArgument = leaf("a function as the last argument", isFunction);

/** One of some texts. */
export function oneOf(...texts: string[]): Codec {
  return leaf(`one of ${texts.join(", ")}`, (value) => texts.includes(value as string));
}

/** Any JSON value, which is text in the bindings. */
export const json: Codec = { encode: jsonText, decode: jsonValue };

/** Bytes, which may be given as base64. */
export const bytes: Codec = {
  encode(value, place) {
    if (value instanceof Uint8Array) return value;
    return (
      (typeof value === "string" && fromBase64(value)) ||
      mismatch(place, "a Uint8Array, or base64", value)
    );
  },
  decode: (value) => (value instanceof Uint8Array ? value : Uint8Array.from(value)),
};

/** One of some texts, which have other names in the bindings. */
export function renamed(names: Record<string, string>): Codec {
  const back = Object.fromEntries(Object.entries(names).map(([wire, bound]) => [bound, wire]));
  const wire = oneOf(...Object.keys(names));
  return {
    encode: (value, place) => names[wire.encode(value, place)],
    decode: (value) => back[value],
  };
}

/** A list. */
export function list(codec: Codec): Codec {
  return {
    encode(values, place) {
      if (!Array.isArray(values)) mismatch(place, "an array", values);
      return values.map((value, index) => codec.encode(value, `${place}[${index}]`));
    },
    decode: (values: unknown[]) => values.map(codec.decode),
  };
}

/** An object of any names, which is a list of pairs in the bindings. */
export function members(codec: Codec): Codec {
  return {
    encode: (object, place) =>
      Object.entries(asObject(object, place)).map(([name, value]) => [
        name,
        codec.encode(value, `${place}.${name}`),
      ]),
    decode: (pairs: [string, unknown][]) =>
      Object.fromEntries(pairs.map(([name, value]) => [name, codec.decode(value)])),
  };
}

/** A field that may be absent. */
export interface Optional {
  readonly optional: Codec;
}

/** Marks a field that may be absent. */
export function optional(codec: Codec): Optional {
  return { optional: codec };
}

/** The fields of a record. */
export type Fields = { readonly [name: string]: Codec | Optional };

/** The field `meta`, which is `_meta` on the wire. */
const META = "meta";
/** The field that holds the members which the record does not name. */
const EXTRA = "extra";

/** The fields `meta` and `extra`, which most records have. */
export const OPEN: Fields = { [META]: optional(json), [EXTRA]: optional(json) };

/**
 * A record.
 *
 * @param type the member `type`, which is on the wire alone
 */
export function record(fields: Fields, type?: string): Codec {
  const known = new Set(Object.keys(fields).map(wireName));
  if (type !== undefined) known.add("type");
  return {
    encode(value, place) {
      const object = asObject(value, place);
      const result: JsonObject = {};
      for (const [name, field] of Object.entries(fields)) {
        if (name === EXTRA) continue;
        const member = object[wireName(name)];
        const memberPlace = place === "" ? wireName(name) : `${place}.${wireName(name)}`;
        if ("encode" in field) result[name] = field.encode(member, memberPlace);
        else if (member !== undefined && member !== null) {
          result[name] = field.optional.encode(member, memberPlace);
        }
      }
      if (fields[EXTRA]) {
        const further = Object.entries(object).filter(
          ([name, value]) => !known.has(name) && value !== undefined,
        );
        if (further.length > 0) result[EXTRA] = jsonText(Object.fromEntries(further));
      }
      return result;
    },
    decode(bound: JsonObject) {
      const object: JsonObject = type === undefined ? {} : { type };
      for (const [name, field] of Object.entries(fields)) {
        const value = bound[name];
        if (value === undefined || value === null) continue;
        if (name === EXTRA) Object.assign(object, jsonValue(value as string));
        else object[wireName(name)] = ("encode" in field ? field : field.optional).decode(value);
      }
      return object;
    },
  };
}

function wireName(field: string): string {
  return field === META ? "_meta" : field;
}

/** A variant whose case `type` selects. Other types become the case `other`, as JSON text. */
export function tagged(cases: Record<string, [tag: string, codec: Codec]>): Codec {
  const byTag = new Map(Object.values(cases));
  return {
    encode(value, place) {
      const object = asObject(value, place);
      const type: string = string.encode(object["type"], `${place}.type`);
      const found = Object.hasOwn(cases, type) ? cases[type] : undefined;
      if (!found) return { tag: "other", val: jsonText(object) };
      return { tag: found[0], val: found[1].encode(object, place) };
    },
    decode({ tag, val }: { tag: string; val: unknown }) {
      return (byTag.get(tag) ?? json).decode(val);
    },
  };
}

function asObject(value: unknown, place: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    mismatch(place || "value", "an object", value);
  }
  return value as JsonObject;
}
