import assert from "node:assert/strict";
import { test } from "node:test";

import * as z from "zod";

import { JsonText, McpError, McpServer } from "../index.js";
import { answer, hostError, takeCalls } from "./fakes/calls.js";
import { context } from "./fakes/context.js";

function server(): McpServer {
  return new McpServer({ name: "test", version: "1" });
}

/** Calls the tool `t`. */
async function call(server: McpServer, args?: unknown): Promise<any> {
  return server.exports().tools!.callTool(context(), {
    name: "t",
    arguments: args === undefined ? null : JSON.stringify(args),
  });
}

/** Returns the tool as it is registered with the host. */
function listed(server: McpServer): any {
  takeCalls();
  server.exports().start!.start();
  const [, [tool]] = takeCalls().find(([name]) => name === "registerTools") as [string, any[]];
  return tool;
}

function text(text: string): object {
  return { tag: "text", val: { text } };
}

test("a tool is registered with the schema and the description of its arguments", () => {
  const it = server();
  it.tool("t", "Adds.", { a: z.number(), b: z.number().optional().describe("More") }, () => "");
  const tool = listed(it);
  assert.equal(tool.description, "Adds.");
  assert.deepEqual(JSON.parse(tool.inputSchema), {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number", description: "More" } },
    required: ["a"],
  });
});

test("the start declares what was registered, and serves", () => {
  const it = server();
  it.tool("t", () => "");
  takeCalls();
  it.exports().start!.start();
  assert.deepEqual(
    takeCalls().map(([name]) => name),
    ["registerServer", "registerTools", "serve"],
  );
});

test("a host that refuses an item fails the start with its error", async () => {
  const it = server();
  it.tool("t", () => "");
  answer("registerTools", () => {
    throw hostError("invalid-params", "no");
  });
  try {
    await assert.rejects(async () => it.exports().start!.start(), {
      code: { tag: "invalid-params" },
      message: "no",
    });
  } finally {
    answer("registerTools", () => undefined);
  }
});

test("arguments are parsed by the schema, defaults included", async () => {
  const it = server();
  it.tool(
    "t",
    { n: z.number().default(3), s: z.string().transform((s) => s.length) },
    ({ n, s }) => `${n} ${s}`,
  );
  assert.deepEqual((await call(it, { s: "four" })).content, [text("3 4")]);
});

test("arguments that do not fit are invalid-params with their places", async () => {
  const it = server();
  it.tool("t", { n: z.number().refine((n) => n % 2 === 0, "must be even") }, () => "");
  await assert.rejects(call(it, { n: 3 }), {
    code: { tag: "invalid-params" },
    message: "Invalid arguments: n: must be even",
    data: '{"issues":[{"message":"must be even","path":["n"]}]}',
  });
});

test("a JSON Schema gives the types of the arguments", async () => {
  const it = server();
  const schema = {
    type: "object",
    properties: { a: { type: "number" }, b: { enum: ["x", "y"] } },
    required: ["a"],
  } as const;
  it.tool("t", schema, ({ a, b }) => {
    const choice: "x" | "y" | undefined = b;
    return `${a + 1}${choice}`;
  });
  assert.deepEqual((await call(it, { a: 1, b: "x" })).content, [text("2x")]);
});

test("structured content is also given as text", async () => {
  const it = server();
  it.registerTool("t", { outputSchema: z.object({ n: z.number() }) }, () => ({
    structuredContent: { n: 1 },
  }));
  assert.deepEqual(await call(it), { content: [text('{"n":1}')], structuredContent: '{"n":1}' });
  assert.equal(JSON.parse(listed(it).outputSchema).type, "object");
});

test("JSON text passes unchanged", async () => {
  const it = server();
  it.tool("t", () => ({ content: [], _meta: new JsonText('{"n": 9007199254740993}') }));
  assert.equal((await call(it)).meta, '{"n": 9007199254740993}');
});

test("members that the record does not name are kept", async () => {
  const it = server();
  it.tool("t", () => ({ content: [{ type: "text", text: "a", x: 1, _meta: { m: 2 } }], y: 3 }));
  assert.deepEqual(await call(it), {
    content: [{ tag: "text", val: { text: "a", meta: '{"m":2}', extra: '{"x":1}' } }],
    extra: '{"y":3}',
  });
});

test("an exception is a result with isError, and its stack goes to stderr", async (context) => {
  const errors = context.mock.method(console, "error", () => {});
  const it = server();
  it.tool("t", async () => {
    throw new Error("boom");
  });
  assert.deepEqual(await call(it), { content: [text("boom")], isError: true });
  assert.match(errors.mock.calls[0]!.arguments[0], /^tool "t": Error: boom\n    at /);
});

test("an McpError is the error of the request", async () => {
  const it = server();
  it.tool("t", () => {
    throw new McpError(7, "seven", { n: 7 });
  });
  await assert.rejects(call(it), {
    code: { tag: "other", val: 7 },
    message: "seven",
    data: '{"n":7}',
  });
});

test("a tool that returns something else fails, and the message says what it returned", async (context) => {
  context.mock.method(console, "error", () => {});
  const it = server();
  it.tool("t", (() => ({ sum: 3 })) as never);
  const { isError, content } = await call(it);
  assert.equal(isError, true);
  assert.match(
    content[0].val.text,
    /^result: expected a string, or an object with .*, found an object with `sum`$/,
  );
});

test("a value of a wrong type fails with its place, since engines trap at it", async (context) => {
  context.mock.method(console, "error", () => {});
  const cases: [object, RegExp][] = [
    [
      { content: [{ type: "text", text: 42 }] },
      /^content\[0\]\.text: expected a string, found 42$/,
    ],
    [
      { content: [{ type: "image", data: "?", mimeType: "a/b" }] },
      /^content\[0\]\.data: expected a Uint8Array, or base64/,
    ],
    [{ content: [{ type: "audio" }] }, /^content\[0\]\.data: .*found undefined$/],
    [{ content: {} }, /^content: expected an array, found an object with no members$/],
    [{ content: ["x"] }, /^content\[0\]: expected an object, found "x"$/],
    [{ content: [{}] }, /^content\[0\]\.type: expected a string/],
    [
      { content: [{ type: "text", text: "", annotations: { audience: ["me"] } }] },
      /audience\[0\]: expected one of user, assistant/,
    ],
    [{ content: [], isError: 1 }, /^isError: expected true or false, found 1$/],
    [
      { content: [{ type: "resource", resource: { uri: "a:b" } }] },
      /expected an object with `text` or `blob`/,
    ],
  ];
  for (const [result, message] of cases) {
    const it = server();
    it.tool("t", (() => result) as never);
    const { content, isError } = await call(it);
    assert.equal(isError, true);
    assert.match(content[0].val.text, message);
  }
});

test("registration refuses duplicates, and schemas of anything but objects", () => {
  const it = server();
  it.tool("t", () => "");
  assert.throws(() => it.tool("t", () => ""), /there is already a tool "t"/);
  assert.throws(
    () => it.tool("u", z.string() as never, () => ""),
    /has the type "string": expected "object"/,
  );
  assert.throws(
    () => it.tool("v", {} as never, undefined as never),
    /tool "v": expected a function as the last argument, found undefined/,
  );
  const recursive: z.ZodType = z.lazy(() => z.object({ next: recursive.optional() }));
  assert.throws(() => it.tool("w", { node: recursive }, () => ""), /use z\.object/);
});

test("registration refuses defaults that do not fit their schema", () => {
  const refused = (inputSchema: any, message: string) =>
    assert.throws(() => server().registerTool("t", { inputSchema }, () => ""), {
      message: `tool "t": inputSchema${message}`,
    });
  const json = (properties: object) => ({ type: "object", properties });
  const less = "the default does not fit: expected at least 5, found 3";
  const n = z.number().min(5).default(3);
  refused({ n }, `.n: ${less}`);
  refused(z.object({ inner: z.object({ n: n.nullable() }) }), `.inner.n: ${less}`);
  refused({ list: z.array(n) }, `.list: ${less}`);
  refused(json({ n: { type: "integer", minimum: 5, default: 3 } }), `.n: ${less}`);
  refused(
    json({ unit: { enum: ["cm", "m"], default: "km" } }),
    '.unit: the default does not fit: expected "cm" or "m", found "km"',
  );
  refused(
    { s: z.string().max(2).default("abc") },
    '.s: the default does not fit: expected at most 2 characters, found "abc"',
  );
  const it = server();
  it.tool("t", { n: z.number().min(5).default(5), s: z.string().default("") }, () => "");
  it.tool(
    "u",
    {
      length: z
        .string()
        .transform((it) => it.length)
        .default(0),
    },
    () => "",
  );
  it.tool("v", json({ default: { type: "number", default: 1 } }) as never, () => "");
  assert.throws(
    () => it.prompt("p", { a: z.string().min(5).default("abc") }, () => ""),
    /prompt "p": argsSchema\.a: the default does not fit: expected at least 5 characters/,
  );
});

test("a tool that is added or removed later is told to the host", () => {
  const it = server();
  const first = it.tool("t", () => "");
  it.exports().start!.start();
  takeCalls();
  const second = it.tool("u", () => "");
  second.disable();
  second.disable();
  second.enable();
  first.remove();
  assert.deepEqual(
    takeCalls().map(([name, items]) => [name, (items as any[]).map((it) => it.name ?? it)]),
    [
      ["registerTools", ["u"]],
      ["unregisterTools", ["u"]],
      ["registerTools", ["u"]],
      ["unregisterTools", ["t"]],
    ],
  );
});
