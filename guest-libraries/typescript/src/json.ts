/** JSON text, which the interface uses for data of open shape. */

/**
 * JSON text that is passed on unchanged, where a value is expected that becomes JSON: structured
 * content, `_meta`, log data. For numbers that JavaScript cannot represent.
 */
export class JsonText {
  constructor(readonly text: string) {}
}

/** A JSON object. */
export type JsonObject = { [name: string]: unknown };

/** Returns the JSON text of a value. */
export function jsonText(value: unknown): string {
  if (value instanceof JsonText) return value.text;
  const text = JSON.stringify(value);
  if (text === undefined) {
    throw new TypeError(`a JSON value is expected, found ${typeof value}`);
  }
  return text;
}

/** Returns the value of JSON text, and `undefined` where there is none. */
export function jsonValue<T = unknown>(text: string | null | undefined): T | undefined {
  return text === null || text === undefined ? undefined : (JSON.parse(text) as T);
}
