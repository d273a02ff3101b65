import assert from "node:assert/strict";
import { test } from "node:test";

import * as z from "zod";

import {
  createMessage,
  elicit,
  Extra,
  getPrincipal,
  listRoots,
  log,
  RequestError,
  sleep,
} from "../index.js";
import { answer, hostError, takeCalls } from "./fakes/calls.js";
import { context } from "./fakes/context.js";

const extra = new Extra(context());

test("the request is described in the terms of MCP", () => {
  assert.equal(extra.requestId, 7);
  assert.equal(extra.progressToken, "p");
  assert.deepEqual(extra._meta, { progressToken: "p", "example.org/k": 1 });
  assert.deepEqual(extra.client, {
    info: { name: "client", version: "1", x: 1 },
    capabilities: {
      roots: { listChanged: true },
      sampling: {},
      experimental: { e: {} },
      tasks: {},
    },
    protocolVersion: "2025-06-18",
  });
});

test("a refused report is a RequestError with the interface's name of its code", () => {
  answer("reportProgress", () => {
    throw hostError("invalid-params", "must grow");
  });
  assert.throws(
    () => extra.reportProgress({ progress: 0 }),
    new RequestError("invalid-params", "must grow", undefined),
  );
});

test("a log message is JSON text", () => {
  takeCalls();
  log(null, "info", { a: 1 }, "part");
  assert.deepEqual(takeCalls(), [["log", null, "info", "part", '{"a":1}']]);
});

test("a form has one record for each field, and the answer is checked by the schema", async () => {
  answer("elicit", () => ({
    action: "accept",
    content: [
      ["age", { tag: "number", val: 3 }],
      ["name", { tag: "text", val: "Ada" }],
    ],
  }));
  takeCalls();
  const asked = {
    name: z.string().min(1),
    age: z.int().optional(),
    kind: z.enum(["a", "b"]).optional(),
  };
  const result = await elicit(extra, { message: "Who?", requestedSchema: asked });
  assert.ok(result.action === "accept");
  const age: number | undefined = result.content.age;
  assert.deepEqual([result.content.name, age], ["Ada", 3]);
  const [[, , params]] = takeCalls() as [any];
  assert.deepEqual(params.requestedSchema.required, ["name"]);
  assert.deepEqual(
    params.requestedSchema.properties.map(([name, { tag }]: any) => [name, tag]),
    [
      ["name", "text"],
      ["age", "number"],
      ["kind", "enumeration"],
    ],
  );
  await assert.rejects(
    elicit(extra, { message: "Who?", requestedSchema: { name: z.string().min(9) } }),
    /the user's answer does not fit: name: /,
  );
});

test("an answer that is not accepted has no content", async () => {
  answer("elicit", () => ({ action: "decline", content: null }));
  const result = await elicit(extra, { message: "Who?", requestedSchema: { name: z.string() } });
  assert.deepEqual(result, { action: "decline" });
});

test("sampling maps content in both directions", async () => {
  answer("createMessage", () => ({
    role: "assistant",
    content: { tag: "image", val: { data: [1, 2], mimeType: "image/png" } },
    model: "m",
    extra: '{"x":1}',
  }));
  takeCalls();
  const result = await createMessage(extra, {
    messages: [{ role: "user", content: { type: "text", text: "?" } }],
    maxTokens: 1,
    includeContext: "thisServer",
  });
  assert.deepEqual(result, {
    role: "assistant",
    content: { type: "image", data: new Uint8Array([1, 2]), mimeType: "image/png" },
    model: "m",
    x: 1,
  });
  const [[, , params]] = takeCalls() as [any];
  assert.equal(params.includeContext, "this-server");
});

test("roots and principals are objects of MCP", async () => {
  answer("listRoots", () => ({
    roots: [{ uri: "file:///a", name: null, meta: null, extra: null }],
  }));
  assert.deepEqual(await listRoots(extra), { roots: [{ uri: "file:///a" }] });
  answer("getPrincipal", () => ({
    issuer: "i",
    subject: null,
    clientId: "c",
    scopes: [],
    claims: [["a", "1"]],
  }));
  assert.deepEqual(getPrincipal(extra), {
    issuer: "i",
    clientId: "c",
    scopes: [],
    claims: { a: 1 },
  });
  answer("getPrincipal", () => null);
  assert.equal(getPrincipal(extra), undefined);
});

test("a client that cannot be asked is a RequestError", async () => {
  answer("listRoots", () => {
    throw hostError("method-not-found", "no roots");
  });
  await assert.rejects(
    listRoots(extra),
    new RequestError("method-not-found", "no roots", undefined),
  );
});

test("waiting is in nanoseconds", async () => {
  takeCalls();
  await sleep(1.5);
  assert.deepEqual(takeCalls(), [["block", 1_500_000]]);
});
