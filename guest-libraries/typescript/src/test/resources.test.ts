import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  completable,
  McpError,
  McpServer,
  resourceNotFound,
  ResourceTemplate,
} from "../index.js";
import { UriTemplate } from "../uri-template.js";
import { takeCalls } from "./fakes/calls.js";
import { context } from "./fakes/context.js";
import * as z from "zod";

function server(): McpServer {
  return new McpServer(
    { name: "test", version: "1" },
    { capabilities: { resources: { subscribe: true } } },
  );
}

test("templates match as in all libraries", () => {
  const repository = process.env["WASI_MCP_REPOSITORY"] ?? "../..";
  const cases = readFileSync(`${repository}/guest-libraries/uri-templates.tsv`, "utf8");
  for (const line of cases.trimEnd().split("\n")) {
    if (line.startsWith("#")) continue;
    const [template, uri, expected] = line.split("\t") as [string, string, string];
    if (expected === "!") {
      assert.throws(() => new UriTemplate(template), TypeError, template);
    } else {
      const variables = expected === "-" ? undefined : JSON.parse(expected);
      assert.deepEqual(new UriTemplate(template).match(uri), variables, `${template} ${uri}`);
    }
  }
});

test("a template that is refused is named", () => {
  assert.throws(() => new UriTemplate("a://{?q}"), /cannot match \{\?q\}/);
  assert.throws(() => new UriTemplate("a://{x}/{x}"), /has \{x\} twice/);
});

test("a resource reads as text, as bytes or as several contents", async () => {
  const it = server();
  it.registerResource("text", "a://text", { mimeType: "text/plain" }, () => "hello");
  it.resource("bytes", "a://bytes", () => new Uint8Array([1, 2]));
  it.resource("base64", "a://base64", (uri) => ({ contents: [{ uri, blob: "AQI=" }] }));
  const read = async (uri: string) =>
    (await it.exports().resources!.readResource(context(), { uri })).contents;
  assert.deepEqual(await read("a://text"), [
    { tag: "text", val: { uri: "a://text", mimeType: "text/plain", text: "hello" } },
  ]);
  const blob = new Uint8Array([1, 2]);
  assert.deepEqual(await read("a://bytes"), [{ tag: "blob", val: { uri: "a://bytes", blob } }]);
  assert.deepEqual(await read("a://base64"), [{ tag: "blob", val: { uri: "a://base64", blob } }]);
});

test("the pieces of a generator are streamed, or joined", async () => {
  const it = server();
  it.resource("x", "a://x", async function* () {
    yield "é";
    yield new Uint8Array(0);
    yield new Uint8Array([1, 2]);
  });
  it.resource("empty", "a://empty", async function* () {});
  it.resource("broken", "a://broken", async function* () {
    yield "a";
    throw new McpError(-32001, "gone");
  });
  it.resource("missing", "a://missing", async function* () {
    throw resourceNotFound("a://missing");
  });
  it.resource("text", "a://text", () => "hello");
  const { resources, resourceStreams } = it.exports();
  const blob = async (uri: string) =>
    (await resources!.readResource(context(), { uri })).contents[0]!.val;
  const whole = { uri: "a://x", blob: new Uint8Array([0xc3, 0xa9, 1, 2]) };
  assert.deepEqual(await blob("a://x"), whole);
  assert.deepEqual(await blob("a://empty"), { uri: "a://empty", blob: new Uint8Array(0) });
  const stream = async (uri: string) => resourceStreams!.readResourceStream(context(), { uri });
  const streamedAs = async (uri: string) => {
    const ends = fakeStreams();
    const [result] = (await stream(uri))!;
    return { first: result.contents[0]!.val, ...(await ends) };
  };
  assert.deepEqual(await streamedAs("a://x"), {
    first: { uri: "a://x", blob: new Uint8Array([0xc3, 0xa9]) },
    written: [1, 2],
    outcome: { tag: "ok" },
  });
  assert.deepEqual(await streamedAs("a://broken"), {
    first: { uri: "a://broken", blob: new Uint8Array([0x61]) },
    written: [],
    outcome: { tag: "err", val: { code: { tag: "other", val: -32001 }, message: "gone", data: undefined } },
  });
  assert.equal(await stream("a://text"), null);
  assert.equal(await stream("a://nothing"), null);
  await assert.rejects(stream("a://missing"), { code: { tag: "resource-not-found" } });
});

test("a generator ends when nobody reads its stream", async () => {
  const it = server();
  let ended = false;
  it.resource("x", "a://x", async function* () {
    try {
      for (;;) yield "abc";
    } finally {
      ended = true;
    }
  });
  const ends = fakeStreams(7);
  await it.exports().resourceStreams!.readResourceStream(context(), { uri: "a://x" });
  assert.equal((await ends).written.length, 7);
  assert.ok(ended);
});

test("a generator ends when a piece of it has a wrong type", async () => {
  for (const pieces of [[3], ["a", 3]]) {
    const it = server();
    let ended = false;
    it.resource("x", "a://x", async function* () {
      try {
        for (const piece of pieces) yield piece as string;
      } finally {
        ended = true;
      }
    });
    const ends = fakeStreams();
    const read = async () => it.exports().resourceStreams!.readResourceStream(context(), { uri: "a://x" });
    if (pieces.length === 1) {
      await assert.rejects(read);
    } else {
      await read();
      assert.equal(((await ends).outcome as { tag: string }).tag, "err");
    }
    assert.ok(ended, `${pieces}`);
  }
});

test("a host may drop its ends of a stream", async () => {
  const it = server();
  it.resource("x", "a://x", async function* () {
    yield "a";
  });
  const dropped = () => {
    throw new Error("dropped");
  };
  const writable = { writeAll: dropped, write: dropped, drop: dropped };
  const factory = () => ({ readable: {}, writable });
  Object.assign(globalThis, { wit: { Stream: factory, Future: factory } });
  const rejections: unknown[] = [];
  const listener = (error: unknown) => rejections.push(error);
  process.on("unhandledRejection", listener);
  try {
    await it.exports().resourceStreams!.readResourceStream(context(), { uri: "a://x" });
    await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    process.off("unhandledRejection", listener);
  }
  assert.deepEqual(rejections, []);
});

/**
 * Sets the factories of streams and futures. Returns what the next stream is given, of which at
 * most `limit` bytes are read.
 */
function fakeStreams(limit = Infinity): Promise<{ written: number[]; outcome: unknown }> {
  const written: number[] = [];
  return new Promise((resolve) => {
    const Stream = () => ({
      readable: {},
      writable: {
        async writeAll(bytes: Uint8Array) {
          const read = [...bytes].slice(0, limit - written.length);
          written.push(...read);
          return read.length;
        },
        drop() {},
      },
    });
    const Future = () => ({
      readable: {},
      writable: { write: async (outcome: unknown) => resolve({ written, outcome }), drop() {} },
    });
    Object.assign(globalThis, { wit: { Stream, Future } });
  });
}

test("a resource that does not exist is resource-not-found with its URI", async () => {
  const it = server();
  it.resource("x", new ResourceTemplate("a://{id}"), (_, { id }) =>
    id === "1" ? "one" : undefined,
  );
  const { readResource } = it.exports().resources!;
  const missing = { code: { tag: "resource-not-found" }, data: '{"uri":"a://2"}' };
  await assert.rejects(async () => readResource(context(), { uri: "a://2" }), missing);
  await assert.rejects(async () => readResource(context(), { uri: "b://" }), {
    code: { tag: "resource-not-found" },
  });
  assert.equal((await readResource(context(), { uri: "a://1" })).contents.length, 1);
});

test("subscriptions to what exists reach the handler, and others are refused", async () => {
  const it = server();
  const seen: string[] = [];
  it.resource("x", "a://x", () => "x");
  it.onSubscription({ subscribe: (uri) => void seen.push(uri) });
  const { subscribe, unsubscribe } = it.exports().resourceSubscriptions!;
  await subscribe(context(), "a://x");
  await assert.rejects(async () => subscribe(context(), "a://y"), {
    code: { tag: "resource-not-found" },
  });
  await unsubscribe(context(), "a://x");
  assert.deepEqual(seen, ["a://x"]);
  takeCalls();
  it.sendResourceUpdated({ uri: "a://x" });
  assert.deepEqual(takeCalls(), [["resourceUpdated", "a://x", null]]);
});

test("only what a server has is exported", () => {
  const it = new McpServer({ name: "test", version: "1" });
  assert.deepEqual(Object.keys(it.exports()), ["start"]);
  assert.throws(() => it.onSubscription({}), /subscribe: true/);
  it.prompt("p", { a: completable(z.string(), () => []) }, ({ a }) => a);
  assert.deepEqual(Object.keys(it.exports()), ["start", "prompts", "completion"]);
});

test("a variable that the template lacks cannot be completed", () => {
  assert.throws(
    () => new ResourceTemplate<string>("a://{x}", { complete: { y: () => [] } }),
    /no variable \{y\}/,
  );
});
