/**
 * Tables that map MCP's objects to the records of the bindings and back, by the rules of the
 * interface `wasi:mcp/types`.
 */

import { fromBase64 } from "./bytes.js";
import { jsonText, jsonValue } from "./json.js";
import type { JsonObject } from "./json.js";

/** Maps a value of MCP to one of the bindings, and back. */
export interface Codec<Wire = any, Bound = any> {
  encode(value: Wire): Bound;
  decode(value: Bound): Wire;
}

/** A value that is the same on both sides. */
export const same: Codec = { encode: (value) => value, decode: (value) => value };

/** Any JSON value, which is text in the bindings. */
export const json: Codec = { encode: jsonText, decode: jsonValue };

/** Bytes, which may be given as base64. */
export const bytes: Codec = {
  encode: (value) => (typeof value === "string" ? fromBase64(value) : value),
  decode: (value) => (value instanceof Uint8Array ? value : Uint8Array.from(value)),
};

/** An enum whose cases have other names on the wire than in the bindings. */
export function renamed(names: Record<string, string>): Codec {
  const back = Object.fromEntries(Object.entries(names).map(([wire, bound]) => [bound, wire]));
  return { encode: (value) => names[value] ?? value, decode: (value) => back[value] ?? value };
}

/** A list. */
export function list(codec: Codec): Codec {
  return {
    encode: (values: unknown[]) => values.map(codec.encode),
    decode: (values: unknown[]) => Array.from(values, codec.decode),
  };
}

/** An object of any names, which is a list of pairs in the bindings. */
export function members(codec: Codec): Codec {
  return {
    encode: (object: JsonObject) =>
      Object.entries(object).map(([name, value]) => [name, codec.encode(value)]),
    decode: (pairs: [string, unknown][]) =>
      Object.fromEntries(pairs.map(([name, value]) => [name, codec.decode(value)])),
  };
}

/**
 * A record: the codec of each field. The field `meta` is `_meta` on the wire, and `extra` holds the
 * members that the record does not name. `type` is on the wire alone.
 */
export function record(fields: Record<string, Codec>, type?: string): Codec {
  const known = new Set([...Object.keys(fields), ...(fields["meta"] ? ["_meta"] : [])]);
  if (type !== undefined) known.add("type");
  return {
    encode(object: JsonObject) {
      const result: JsonObject = {};
      for (const [name, codec] of Object.entries(fields)) {
        const value = object[name === "meta" ? "_meta" : name];
        if (value !== undefined && value !== null && name !== "extra") result[name] = codec.encode(value);
      }
      if (fields["extra"]) {
        const further = Object.entries(object).filter(([name, value]) => !known.has(name) && value !== undefined);
        if (further.length > 0) result["extra"] = jsonText(Object.fromEntries(further));
      }
      return result;
    },
    decode(bound: JsonObject) {
      const object: JsonObject = type === undefined ? {} : { type };
      for (const [name, codec] of Object.entries(fields)) {
        const value = bound[name];
        if (value === undefined || value === null) continue;
        if (name === "extra") Object.assign(object, jsonValue(value as string));
        else object[name === "meta" ? "_meta" : name] = codec.decode(value);
      }
      return object;
    },
  };
}

/** A variant whose case `type` selects. Other types become the case `other`, as JSON text. */
export function tagged(cases: Record<string, [tag: string, codec: Codec]>): Codec {
  const byTag = new Map(Object.values(cases));
  return {
    encode(object: JsonObject) {
      if (typeof object !== "object" || object === null || typeof object["type"] !== "string") {
        throw new TypeError(`a content block, an object with \`type\`, is expected: found ${JSON.stringify(object)}`);
      }
      const found = Object.hasOwn(cases, object["type"]) ? cases[object["type"]] : undefined;
      if (!found) return { tag: "other", val: jsonText(object) };
      return { tag: found[0], val: found[1].encode(object) };
    },
    decode({ tag, val }: { tag: string; val: unknown }) {
      return (byTag.get(tag) ?? json).decode(val);
    },
  };
}
