// Translates WIT into TypeScript, for the constructs that `wasi:mcp` uses.
//
// Each interface becomes a module of its name. The types are those that componentize-qjs and
// componentize-js use: records are objects in camelCase, `none` is `null` or absent, variants have
// `tag` and `val`, and a function with a result returns its success and throws its failure.
// An `async func` may return a promise, since it does in WASI 0.3 and does not in WASI 0.2.
// Functions with streams or futures, and those named `wait-*`, exist in WASI 0.3 only and are left out.

const HEADER = `// Derived from the WIT by scripts/derive.mjs. Do not edit.

`;

/** Returns the declarations of all interfaces in these WIT files. */
export function declarations(texts) {
  const modules = texts.flatMap((text) => new Parser(text).interfaces());
  return HEADER + modules.map(module).join("\n");
}

function module({ name, docs, uses, items }) {
  const body = [...uses.map(use), ...items.map((item) => item.text)].join("\n");
  return `${comment(docs, "")}declare module "wasi:mcp/${name}" {\n${body}}\n`;
}

function use({ from, names }) {
  const imported = names.map(pascal).join(", ");
  return `  import type { ${imported} } from "wasi:mcp/${from}";\n`;
}

class Parser {
  #tokens;
  #at = 0;

  constructor(text) {
    const token =
      /\/\/\/[^\n]*|\/\/[^\n]*|%?[a-zA-Z][a-zA-Z0-9-]*|->|@[0-9a-z.-]+|[{}()<>,;:=./_]|\d+/g;
    const tokens = text.match(token);
    this.#tokens = tokens.filter((it) => it.startsWith("///") || !it.startsWith("//"));
  }

  /** Returns the interfaces of the file; worlds and the package are skipped. */
  interfaces() {
    const found = [];
    while (this.#at < this.#tokens.length) {
      const docs = this.#docs();
      const keyword = this.#next();
      if (keyword === "interface") {
        found.push(this.#interface(docs));
      } else if (keyword === "world") {
        this.#until("}");
      } else {
        this.#until(";");
      }
    }
    return found;
  }

  #interface(docs) {
    const name = this.#next();
    const uses = [];
    const items = [];
    this.#expect("{");
    while (!this.#take("}")) {
      const docs = this.#docs();
      const word = this.#next();
      if (word === "use") {
        uses.push(this.#use());
      } else {
        const text = this.#item(word, docs);
        if (text) items.push({ text: indented(comment(docs, "") + text) });
      }
    }
    return { name, docs, uses, items };
  }

  #use() {
    const from = this.#next();
    this.#expect(".");
    this.#expect("{");
    const names = this.#names("}");
    this.#expect(";");
    return { from, names };
  }

  #item(word, docs) {
    switch (word) {
      case "type": {
        const name = this.#name();
        this.#expect("=");
        const type = this.#type();
        this.#expect(";");
        return `export type ${pascal(name)} = ${type.text};\n`;
      }
      case "record":
        return this.#record();
      case "variant":
        return this.#variant();
      case "enum":
        return this.#enum();
      case "resource":
        return this.#resource();
      default: {
        this.#expect(":");
        const { text, left } = this.#function();
        if (left || word.startsWith("wait-")) {
          docs.length = 0;
          return undefined;
        }
        return `export function ${camel(word)}${text};\n`;
      }
    }
  }

  #record() {
    const name = this.#name();
    const fields = this.#members(() => {
      const field = this.#name();
      this.#expect(":");
      const type = this.#type();
      return `${camel(field)}${type.optional ? "?" : ""}: ${type.text};`;
    });
    return `export interface ${pascal(name)} {\n${fields.map(indented).join("")}}\n`;
  }

  #variant() {
    const name = this.#name();
    const cases = this.#members(() => {
      const tag = this.#name();
      if (!this.#take("(")) return `| { tag: "${tag}" }`;
      const type = this.#type();
      this.#expect(")");
      return `| { tag: "${tag}"; val: ${type.text} }`;
    });
    return `export type ${pascal(name)} =\n${cases.map(indented).join("")};\n`;
  }

  #enum() {
    const name = this.#name();
    const cases = this.#members(() => `| "${this.#name()}"`);
    return `export type ${pascal(name)} =\n${cases.map(indented).join("")};\n`;
  }

  #resource() {
    const name = this.#name();
    const methods = [];
    this.#expect("{");
    while (!this.#take("}")) {
      const docs = this.#docs();
      const method = this.#name();
      this.#expect(":");
      const { text, left } = this.#function();
      if (!left) methods.push(indented(`${comment(docs, "")}${camel(method)}${text};\n`));
    }
    return `export interface ${pascal(name)} {\n${methods.join("")}}\n`;
  }

  /** Reads a body in braces: documented members, separated by commas. */
  #members(read) {
    const members = [];
    this.#expect("{");
    while (!this.#take("}")) {
      const docs = this.#docs();
      members.push(`${comment(docs, "")}${read()}\n`);
      this.#take(",");
    }
    return members;
  }

  /** Reads a signature. `left` says that it has a stream or a future. */
  #function() {
    const asynchronous = this.#take("async");
    this.#expect("func");
    this.#expect("(");
    let left = false;
    const parameters = [];
    while (!this.#take(")")) {
      const name = this.#name();
      this.#expect(":");
      const type = this.#type();
      left ||= type.left;
      parameters.push({ name: camel(name), type });
      this.#take(",");
    }
    let result = "void";
    if (this.#take("->")) {
      const type = this.#type();
      left ||= type.left;
      result = type.success ?? type.text;
    }
    this.#expect(";");
    if (asynchronous) result = `${result} | Promise<${result}>`;
    // Parameters at the end may be absent where they may be `none`.
    const last = parameters.findLastIndex(({ type }) => !type.optional);
    const list = parameters.map(({ name, type }, index) => {
      return `${name}${index > last ? "?" : ""}: ${type.text}`;
    });
    return { text: `(${list.join(", ")}): ${result}`, left };
  }

  #type() {
    const name = this.#next().replace("%", "");
    switch (name) {
      case "string":
        return { text: "string" };
      case "bool":
        return { text: "boolean" };
      case "u8":
      case "u16":
      case "u32":
      case "s8":
      case "s16":
      case "s32":
      case "f32":
      case "f64":
        return { text: "number" };
      case "_":
        return { text: "void" };
      case "option": {
        const [inner] = this.#arguments();
        return { text: `${inner.text} | null`, optional: true, left: inner.left };
      }
      case "list": {
        const byte = this.#tokens[this.#at + 1] === "u8";
        const [inner] = this.#arguments();
        const element = inner.text.includes("|") ? `(${inner.text})` : inner.text;
        return { text: byte ? "Uint8Array" : `${element}[]`, left: inner.left };
      }
      case "tuple": {
        const inner = this.#arguments();
        return {
          text: `[${inner.map((it) => it.text).join(", ")}]`,
          left: inner.some((it) => it.left),
        };
      }
      case "borrow":
        return this.#arguments()[0];
      case "result": {
        const inner = this.#arguments();
        const [ok, err] = inner.map((it) => it.text);
        const text = `{ tag: "ok"; val: ${ok} } | { tag: "err"; val: ${err} }`;
        return { text, success: ok, left: inner.some((it) => it.left) };
      }
      case "stream":
      case "future": {
        if (this.#tokens[this.#at] === "<") this.#arguments();
        return { text: "never", left: true };
      }
      default:
        return { text: pascal(name) };
    }
  }

  #arguments() {
    this.#expect("<");
    const types = [];
    while (!this.#take(">")) {
      types.push(this.#type());
      this.#take(",");
    }
    return types;
  }

  #names(end) {
    const names = [];
    while (!this.#take(end)) {
      names.push(this.#name());
      this.#take(",");
    }
    return names;
  }

  #name() {
    return this.#next().replace("%", "");
  }

  #docs() {
    const docs = [];
    while (this.#tokens[this.#at]?.startsWith("///")) docs.push(this.#next().slice(3));
    return docs;
  }

  #next() {
    return this.#tokens[this.#at++];
  }

  #take(token) {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #expect(token) {
    const found = this.#next();
    if (found !== token) {
      const context = this.#tokens.slice(this.#at - 8, this.#at).join(" ");
      throw new Error(`expected \`${token}\`, found \`${found}\` after: ${context}`);
    }
  }

  #until(token) {
    while (this.#next() !== token);
  }
}

function comment(docs, margin) {
  if (docs.length === 0) return "";
  // The end of a comment may occur in the text: `*/*`.
  const lines = docs.map((line) => `${margin} *${line.replaceAll("*/", "*\\/")}\n`);
  return `${margin}/**\n${lines.join("")}${margin} */\n`;
}

function indented(text) {
  return text.replace(/^(?=.)/gm, "  ");
}

function camel(name) {
  return name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
}

function pascal(name) {
  const text = camel(name);
  return text[0].toUpperCase() + text.slice(1);
}
