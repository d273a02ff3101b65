/** URI templates (RFC 6570), as far as a URI can be matched with them without doubt. */

/** The names of a template's variables, as far as the type of its text tells. */
export type VariableName<T extends string> = string extends T
  ? string
  : T extends `${string}{${infer Expression}}${infer Rest}`
    ? (Expression extends `+${infer Name}` ? Name : Expression) | VariableName<Rest>
    : never;

/** The values of a template's variables. */
export type Variables<T extends string = string> = { [Name in VariableName<T>]: string };

/** A text, or a variable. */
type Part = string | { readonly name: string; readonly isSegment: boolean };

/** A URI that needs more steps does not match, so that clients cannot keep a server busy. */
const MAXIMUM_STEPS = 100_000;

/**
 * A template of texts and the expressions `{name}`, which matches one path segment and is
 * decoded, and `{+name}`, which matches any text. Variables match as little as possible, from left to
 * right; one at the end takes the rest.
 */
export class UriTemplate {
  readonly names: string[] = [];
  readonly #parts: Part[] = [];

  constructor(readonly text: string) {
    const [literal, ...rest] = text.split("{");
    if (literal) this.#parts.push(literal);
    for (const expression of rest) {
      const [, operator, name, following] = /^(\+?)([A-Za-z_]\w*)\}(.*)$/s.exec(expression) ?? [];
      if (name === undefined) {
        const unknown = `{${expression.replace(/\}.*/s, "")}}`;
        throw new TypeError(
          `resource template "${text}": cannot match ${unknown}: expected {name} or {+name}`,
        );
      }
      if (this.names.includes(name)) {
        throw new TypeError(`resource template "${text}": has {${name}} twice`);
      }
      this.names.push(name);
      this.#parts.push({ name, isSegment: operator !== "+" });
      if (following) this.#parts.push(following);
    }
  }

  /** Returns the values of the variables, if the URI matches. */
  match(uri: string): Variables | undefined {
    const values = new Matching(this.#parts, uri).values();
    return values && Object.fromEntries(this.names.map((name) => [name, values.get(name)!]));
  }
}

/** The state of one match. */
class Matching {
  readonly #values = new Map<string, string>();
  #steps = MAXIMUM_STEPS;

  constructor(
    readonly parts: readonly Part[],
    readonly uri: string,
  ) {}

  values(): ReadonlyMap<string, string> | undefined {
    return this.#follows(0, 0) ? this.#values : undefined;
  }

  /** Spends steps. Returns false if there are not enough. */
  #spend(steps: number): boolean {
    this.#steps -= steps;
    return this.#steps >= 0;
  }

  /** Matches the parts from an index on against the whole rest of the URI. */
  #follows(index: number, start: number): boolean {
    const part = this.parts[index];
    if (part === undefined) return start === this.uri.length;
    if (typeof part === "string") {
      return this.uri.startsWith(part, start) && this.#follows(index + 1, start + part.length);
    }
    if (index + 1 === this.parts.length) return this.#set(part, start, this.uri.length);
    // The end of a segment is looked for step by step, so that the search is paid for.
    for (let end = start + 1; end <= this.uri.length; end++) {
      if (!this.#spend(1) || (part.isSegment && "/?#".includes(this.uri[end - 1]!))) return false;
      // A character outside of the basic plane has two units.
      const isCharacter = (this.uri.codePointAt(end - 1) ?? 0) < 0x10000;
      if (isCharacter && this.#follows(index + 1, end) && this.#set(part, start, end)) return true;
    }
    return false;
  }

  /** Sets a variable. Returns false for a text that is not valid for it. */
  #set({ name, isSegment }: Exclude<Part, string>, start: number, end: number): boolean {
    const text = this.uri.slice(start, end);
    if (text === "" || (isSegment && !this.#spend(text.length))) return false;
    const value = isSegment ? segment(text) : text;
    if (value === undefined) return false;
    this.#values.set(name, value);
    return true;
  }
}

/** Decodes one segment. Refuses one that could name another folder, because a callback may use it in a path. */
function segment(text: string): string | undefined {
  if (/[/?#]/.test(text)) return undefined;
  try {
    const value = decodeURIComponent(text);
    return /[\/\0]/.test(value) || value === "." || value === ".." ? undefined : value;
  } catch {
    // `%` without two digits, or bytes that are not UTF-8.
    return undefined;
  }
}
