/** URI templates (RFC 6570), as far as a URI can be matched with them without doubt. */

/** The names of a template's variables, as far as the type of its text tells. */
export type VariableName<T extends string> = string extends T
  ? string
  : T extends `${string}{${infer Expression}}${infer Rest}`
    ? (Expression extends `+${infer Name}` ? Name : Expression) | VariableName<Rest>
    : never;

/** The values of a template's variables. */
export type Variables<T extends string = string> = { [Name in VariableName<T>]: string };

/**
 * A template of literals and the expressions `{name}`, which matches up to the next reserved
 * character, and `{+name}`, which matches anything.
 */
export class UriTemplate {
  readonly names: string[] = [];
  readonly #pattern: RegExp;
  readonly #segments = new Set<string>();

  constructor(readonly text: string) {
    const parts = text.split(/(\{[^{}]*\})/);
    const pattern = parts.map((part) => {
      if (!part.startsWith("{")) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      const [, operator, name] = /^\{(\+?)(\w+)\}$/.exec(part) ?? [];
      if (name === undefined) {
        throw new TypeError(
          `resource template "${text}": cannot match ${part}: expected {name} or {+name}`,
        );
      }
      if (this.names.includes(name)) {
        throw new TypeError(`resource template "${text}": has {${name}} twice`);
      }
      this.names.push(name);
      if (operator !== "+") this.#segments.add(name);
      return operator === "+" ? "(.+)" : "([^/?#[\\]@!$&'()*+,;=:]+)";
    });
    this.#pattern = new RegExp(`^${pattern.join("")}$`, "s");
  }

  /** Returns the decoded values of the variables, if the URI is one of this template. */
  match(uri: string): Variables | undefined {
    const found = this.#pattern.exec(uri);
    if (!found) return undefined;
    try {
      const values = this.names.map((name, index): [string, string] => [
        name,
        decodeURIComponent(found[index + 1]!),
      ]);
      // A segment that names another folder, once it is decoded, is none: a callback may use it in a path.
      const isElsewhere = ([name, value]: [string, string]) =>
        this.#segments.has(name) && (/[\/\0]/.test(value) || value === "." || value === "..");
      return values.some(isElsewhere) ? undefined : Object.fromEntries(values);
    } catch {
      // `%` without two digits, or bytes that are not UTF-8.
      return undefined;
    }
  }
}
