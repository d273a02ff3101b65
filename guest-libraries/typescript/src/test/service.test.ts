import assert from "node:assert/strict";
import { test } from "node:test";

import * as z from "zod";

import { completable, McpServer, ResourceTemplate } from "../index.js";
import type { Extra, ServerOptions, Visible } from "../index.js";
import { takeCalls } from "./fakes/calls.js";
import { context } from "./fakes/context.js";

const INFO = { name: "test", version: "1" };

/** Returns a service with an item of each kind. */
function service(options: ServerOptions = {}): McpServer {
  const it = new McpServer(INFO, { service: true, ...options });
  it.tool("t", { n: z.number() }, ({ n }) => `${n}`);
  it.resource("r", "a://r", () => "r");
  it.resource(
    "many",
    new ResourceTemplate("b://{id}", { complete: { id: () => ["1"] } }),
    (uri) => uri,
  );
  it.prompt("p", { a: completable(z.string(), () => ["x"]), b: { required: false } }, ({ a }) => a);
  return it;
}

const INVALID = { code: { tag: "invalid-params" } };
const NOT_FOUND = { code: { tag: "resource-not-found" } };

/** Returns functions for the methods of a client. */
function client(it: McpServer) {
  const exports = it.exports();
  return {
    server: async (): Promise<any> => exports.serverCatalog!.getServer(),
    tools: async (cursor?: string) => exports.toolCatalog!.listTools(context(), cursor),
    resources: async (cursor?: string) => exports.resourceCatalog!.listResources(context(), cursor),
    templates: async (cursor?: string) =>
      exports.resourceCatalog!.listResourceTemplates(context(), cursor),
    prompts: async (cursor?: string) => exports.promptCatalog!.listPrompts(context(), cursor),
    call: async (name: string, args?: unknown): Promise<any> =>
      exports.tools!.callTool(context(), {
        name,
        arguments: args === undefined ? null : JSON.stringify(args),
      }),
    read: async (uri: string) => exports.resources!.readResource(context(), { uri }),
    subscribe: async (uri: string) => exports.resourceSubscriptions!.subscribe(context(), uri),
    get: async (name: string, ...args: [string, string][]) =>
      exports.prompts!.getPrompt(context(), { name, arguments: args }),
    complete: async (ref: any, name: string) =>
      exports.completion!.complete(context(), { ref, argument: { name, value: "" } }),
  };
}

function names(items: { name: string }[]): string[] {
  return items.map(({ name }) => name);
}

test("a service exports its lists in place of the start, and imports no registration", async () => {
  takeCalls();
  assert.deepEqual(Object.keys(service().exports()), [
    "serverCatalog",
    "toolCatalog",
    "resourceCatalog",
    "promptCatalog",
    "tools",
    "resources",
    "prompts",
    "completion",
  ]);
  const it = new McpServer(INFO, { service: true });
  it.prompt("p", () => "");
  assert.deepEqual(Object.keys(it.exports()), ["serverCatalog", "promptCatalog", "prompts"]);
  assert.deepEqual(takeCalls(), []);
});

test("any export may be the first that is called", async () => {
  const first: ((it: ReturnType<typeof client>) => Promise<unknown>)[] = [
    (it) => it.server(),
    (it) => it.tools(),
    (it) => it.resources(),
    (it) => it.templates(),
    (it) => it.prompts(),
    (it) => it.call("t", { n: 1 }),
    (it) => it.read("b://1"),
    (it) => it.get("p", ["a", "x"]),
    (it) => it.complete({ tag: "prompt", val: { name: "p" } }, "a"),
  ];
  for (const call of first) {
    const it = client(service());
    await call(it);
    assert.deepEqual(names((await it.tools()).tools), ["t"]);
    assert.deepEqual(names((await it.resources()).resources), ["r"]);
    assert.deepEqual(names((await it.templates()).resourceTemplates), ["many"]);
    assert.deepEqual(names((await it.prompts()).prompts), ["p"]);
    assert.equal((await it.server()).info.name, "test");
  }
});

test("a service describes itself and its items as a backend registers them", async () => {
  const options: ServerOptions = {
    instructions: "Do.",
    capabilities: { tools: { listChanged: true }, experimental: { e: {} } },
  };
  const backend = service({ ...options, service: false });
  takeCalls();
  backend.exports().start!.start();
  const registered = new Map(takeCalls().map(([name, ...given]) => [name, given[0]]));
  const it = client(service(options));
  assert.deepEqual(await it.server(), registered.get("registerServer"));
  assert.deepEqual((await it.tools()).tools, registered.get("registerTools"));
  assert.deepEqual((await it.resources()).resources, registered.get("registerResources"));
  const templates = registered.get("registerResourceTemplates");
  assert.deepEqual((await it.templates()).resourceTemplates, templates);
  assert.deepEqual((await it.prompts()).prompts, registered.get("registerPrompts"));
});

test("a service describes itself in the same way each time", async () => {
  const it = new McpServer(INFO, { service: true });
  const only = it.tool("t", () => "");
  const { server } = client(it);
  const first = await server();
  only.remove();
  it.prompt("p", () => "");
  assert.deepEqual(await server(), first);
});

test("lists have pages, whose cursors are of one list alone", async () => {
  const it = new McpServer(INFO, { service: true });
  for (let n = 0; n < 101; n++) it.resource(`r${n}`, `a://${n}`, () => "");
  it.resource("t", new ResourceTemplate("b://{id}"), () => "");
  const { resources, templates } = client(it);
  const { nextCursor } = await resources();
  assert.deepEqual(names((await resources(nextCursor!)).resources), ["r100"]);
  await assert.rejects(templates(nextCursor!), INVALID);
  await assert.rejects(resources(""), { ...INVALID, message: "Unknown cursor: " });
});

test("items that are added, removed, disabled and enabled change the list, which is told where declared", async () => {
  for (const listChanged of [true, undefined]) {
    const capability = { listChanged };
    const it = service({
      capabilities: { tools: capability, resources: capability, prompts: capability },
    });
    const { tools } = client(it);
    takeCalls();
    const added = it.tool("u", () => "");
    assert.deepEqual(names((await tools()).tools), ["t", "u"]);
    added.disable();
    assert.deepEqual(names((await tools()).tools), ["t"]);
    added.enable();
    added.remove();
    assert.deepEqual(names((await tools()).tools), ["t"]);
    it.tool("u", () => "");
    it.resource("s", "a://s", () => "");
    it.resource("t", new ResourceTemplate("c://{id}"), () => "");
    it.prompt("q", () => "");
    const told = [...Array(5).fill("tools"), "resources", "resources", "prompts"];
    assert.deepEqual(takeCalls(), listChanged ? told.map((list) => [`${list}Changed`]) : []);
  }
});

test("a service refuses unknown names, and arguments that do not fit the listed schema", async () => {
  const it = service();
  const closed = {
    type: "object",
    properties: { unit: { enum: ["cm", "m"] } },
    required: ["unit"],
    additionalProperties: false,
  } as const;
  it.tool("plain", closed, ({ unit }) => unit);
  it.tool("none", () => "");
  it.tool("coerced", { n: z.coerce.number() }, ({ n }) => `${n}`);
  const { call, get, complete, read } = client(it);
  assert.equal((await call("plain", { unit: "m" })).content[0].val.text, "m");
  const refused: [string, unknown, string][] = [
    ["unheard", {}, "unknown tool: unheard"],
    ["t", {}, "Invalid arguments: n: is required"],
    ["t", { n: "1" }, 'Invalid arguments: n: expected a number, found "1"'],
    ["plain", undefined, "Invalid arguments: unit: is required"],
    ["plain", { unit: "km" }, 'Invalid arguments: unit: expected "cm" or "m", found "km"'],
    ["plain", { unit: "m", x: 1 }, "Invalid arguments: x: is unknown"],
    ["none", { x: 1 }, "Invalid arguments: x: is unknown"],
    // A host refuses this for a backend, too.
    ["coerced", { n: "1" }, 'Invalid arguments: n: expected a number, found "1"'],
  ];
  for (const [name, args, message] of refused) {
    await assert.rejects(call(name, args), { ...INVALID, message });
  }
  await assert.rejects(get("unheard"), INVALID);
  await assert.rejects(get("p"), INVALID);
  await assert.rejects(complete({ tag: "prompt", val: { name: "p" } }, "c"), INVALID);
  await assert.rejects(complete({ tag: "prompt", val: { name: "unheard" } }, "a"), INVALID);
  await assert.rejects(complete({ tag: "resource-template", val: "a://r" }, "id"), INVALID);
  await assert.rejects(complete({ tag: "other", val: "{}" }, "id"), INVALID);
  await assert.rejects(read("c://"), NOT_FOUND);
});

test("a hidden item is in no list, and unknown to the request", async () => {
  const asked: unknown[] = [];
  let hidden = "";
  const visible: Visible = (kind, name, extra: Extra) => {
    asked.push([kind, name, extra.requestId]);
    return kind !== hidden;
  };
  const it = service({ visible, capabilities: { resources: { subscribe: true } } });
  const { tools, resources, templates, prompts, call, read, subscribe, get, complete } = client(it);
  const prompt = { tag: "prompt", val: { name: "p" } };
  const template = { tag: "resource-template", val: "b://{id}" };
  const cases = [
    ["tool", async () => (await tools()).tools, () => call("t", { n: 1 })],
    [
      "resource",
      async () => (await resources()).resources,
      () => read("a://r"),
      () => subscribe("a://r"),
    ],
    [
      "resource template",
      async () => (await templates()).resourceTemplates,
      () => read("b://1"),
      () => subscribe("b://1"),
      () => complete(template, "id"),
    ],
    [
      "prompt",
      async () => (await prompts()).prompts,
      () => get("p", ["a", "x"]),
      () => complete(prompt, "a"),
    ],
  ] as const;
  for (const [kind, list, ...uses] of cases) {
    hidden = "";
    assert.equal((await list()).length, 1, kind);
    for (const use of uses) await use();
    hidden = kind;
    assert.deepEqual(await list(), [], kind);
    for (const use of uses) {
      await assert.rejects(
        use,
        kind.startsWith("resource") && use !== uses[2] ? NOT_FOUND : INVALID,
      );
    }
  }
  const key: Record<string, string> = { tool: "t", resource: "a://r", prompt: "p" };
  for (const [kind, name, id] of asked as [string, string, number][]) {
    assert.deepEqual([name, id], [key[kind] ?? "b://{id}", 7]);
  }
});

test("a template does not show a hidden resource", async () => {
  const it = service({ visible: (kind) => kind !== "resource" });
  it.resource("all", new ResourceTemplate("a://{id}"), (uri) => uri);
  const { read } = client(it);
  await read("a://s");
  await assert.rejects(read("a://r"), NOT_FOUND);
});

test("a filter is asked once, and about matching templates alone", async () => {
  const asked: unknown[] = [];
  const visible: Visible = (_, name) => {
    asked.push(name);
    return name === "b://{+id}";
  };
  const it = service({ visible });
  it.resource("all", new ResourceTemplate("a://{id}"), (uri) => uri);
  it.resource("any", new ResourceTemplate("b://{+id}"), (uri) => uri);
  it.resource("disabled", "a://s", (uri) => uri).disable();
  const { read } = client(it);
  const cases: [string, string[]][] = [
    ["a://r", ["a://r"]],
    ["a://s", ["a://{id}"]],
    ["b://1", ["b://{id}", "b://{+id}"]],
    ["c://1", []],
  ];
  for (const [uri, names] of cases) {
    asked.length = 0;
    if (uri === "b://1") await read(uri);
    else await assert.rejects(read(uri), NOT_FOUND);
    assert.deepEqual(asked, names, uri);
  }
});

test("a filter that answers something else hides its items, and the operator is told", async (t) => {
  const errors = t.mock.method(console, "error", () => {});
  const { call, tools } = client(service({ visible: (async () => true) as never }));
  const internal = {
    code: { tag: "internal-error" },
    message: "visible: expected true or false, found a promise",
  };
  await assert.rejects(tools(), internal);
  await assert.rejects(call("t", { n: 1 }), internal);
  assert.match(errors.mock.calls[0]!.arguments[0], /^tools\/list: TypeError: visible: expected/);
});

test("a backend has no filter", () => {
  assert.throws(
    () => new McpServer(INFO, { visible: () => true }),
    /new McpServer: .* a backend .*: `visible` needs `service: true`/,
  );
  assert.throws(
    () => new McpServer(INFO, { service: true, visible: true as never }),
    /new McpServer: visible: expected a function, found true/,
  );
});
