/** Programs whose types are right and wrong. Compiling this file is the test. */

import * as z from "zod";

import { completable, elicit, McpServer, ResourceTemplate } from "../index.js";
import type { Variables } from "../index.js";

const server = new McpServer({ name: "types", version: "1" });

const circle = {
  type: "object",
  properties: {
    radius: { type: "number" },
    unit: { enum: ["cm", "m"] },
    tags: { type: "array", items: { type: "string" } },
  },
  required: ["radius"],
} as const;

export function arguments_(): void {
  server.tool("t", { n: z.number(), s: z.string().optional() }, ({ n, s }) => {
    const [number, text]: [number, string | undefined] = [n, s];
    return `${number} ${text}`;
  });
  server.tool("t", z.object({ n: z.number().default(1) }), ({ n }) => n.toFixed());
  server.tool("t", circle, ({ radius, unit, tags }) => {
    const found: [number, "cm" | "m" | undefined, string[] | undefined] = [radius, unit, tags];
    return found.join();
  });
  // @ts-expect-error: `n` is a number.
  server.tool("t", { n: z.number() }, ({ n }) => n.trim());
  // @ts-expect-error: there is no argument `m`.
  server.tool("t", { n: z.number() }, ({ m }) => `${m}`);
  // @ts-expect-error: the unit is one of two.
  server.tool("t", circle, ({ unit }) => (unit === "km" ? "" : ""));
}

export function results(): void {
  server.tool("t", async () => "text");
  server.tool("t", (extra) => ({ content: [{ type: "text", text: `${extra.requestId}` }] }));
  // @ts-expect-error: a number is no result.
  server.tool("t", () => 3);
  // @ts-expect-error: an object without the members of a result is none.
  server.tool("t", () => ({ sum: 3 }));
  // @ts-expect-error: the text is missing.
  server.tool("t", () => ({ content: [{ type: "text" }] }));
  const outputSchema = { n: z.number() };
  server.registerTool("t", { outputSchema }, () => ({ structuredContent: { n: 1 } }));
  server.registerTool("t", { outputSchema }, () => ({ content: [], isError: true }));
  // @ts-expect-error: `n` is a number.
  server.registerTool("t", { outputSchema }, () => ({ structuredContent: { n: "1" } }));
  // @ts-expect-error: structured content is missing.
  server.registerTool("t", { outputSchema }, () => "text");
  server.registerTool("t", { outputSchema: circle }, () => ({ structuredContent: { radius: 1 } }));
}

export function resources(): void {
  server.resource("r", "a://r", (uri) => uri);
  server.resource("r", "a://r", async function* () {
    yield "text";
    yield new Uint8Array(1);
  });
  // @ts-expect-error: a piece is a text or bytes.
  server.resource("r", "a://r", async function* () {
    yield 3;
  });
  server.resource("r", new ResourceTemplate("a://{id}"), (_, { id }) => id);
  const parts = new ResourceTemplate("a://{id}/{+path}", { complete: { id: () => ["1"] } });
  server.registerResource("r", parts, {}, (_, { id, path }) => id + path);
  // @ts-expect-error: there is no variable `idd`.
  server.resource("r", new ResourceTemplate("a://{id}"), (_, { idd }) => idd);
  // @ts-expect-error: the variable is named without its operator.
  server.registerResource("r", parts, {}, (_, variables) => variables["+path"]);
  // @ts-expect-error: there is no variable `idd`.
  new ResourceTemplate("a://{id}", { complete: { idd: () => [] } });
  // A callback may take the variables of any template.
  server.resource("r", parts, (_, variables: Variables) => Object.values(variables).join());
  // The names of a text that is made later are unknown.
  const later = new ResourceTemplate(`a://${String(1)}/{id}` as string, { complete: {} });
  server.resource("r", later, (_, { id }) => id);
  // @ts-expect-error: a number is no resource.
  server.resource("r", "a://r", () => 3);
}

export function prompts(): void {
  const style = completable({ description: "How", required: false }, () => ["formal"]);
  server.prompt("p", { name: z.string(), style, note: {} }, ({ name, style, note }) => {
    const found: [string, string | undefined, string] = [name, style, note];
    return found.join();
  });
  // @ts-expect-error: there is no argument `other`.
  server.prompt("p", { name: z.string() }, ({ other }) => `${other}`);
}

export function forms(): void {
  server.tool("t", async (extra) => {
    const answer = await elicit(extra, { message: "?", requestedSchema: { age: z.number() } });
    // @ts-expect-error: the content is there only where the user accepted.
    answer.content.age;
    return answer.action === "accept" ? answer.content.age.toFixed() : "";
  });
}
