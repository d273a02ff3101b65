import assert from "node:assert/strict";
import { test } from "node:test";

import * as z from "zod";

import { completable, McpServer, ResourceTemplate } from "../index.js";
import { takeCalls } from "./fakes/calls.js";
import { context } from "./fakes/context.js";

function server(): McpServer {
  const it = new McpServer({ name: "test", version: "1" });
  it.registerPrompt(
    "greet",
    {
      description: "Greets.",
      argsSchema: {
        name: completable(z.string().describe("Whom"), (typed, { arguments: known }) => [
          `${typed}${known?.["style"] ?? ""}`,
        ]),
        style: z.enum(["formal", "casual"]).optional(),
        note: { title: "Note", required: false },
      },
    },
    ({ name, style = "casual", note }) => `${name} ${style} ${note}`,
  );
  it.resource(
    "many",
    new ResourceTemplate("a://{id}/{other}", { complete: { id: () => Array(101).fill("x") } }),
    () => "x",
  );
  return it;
}

test("a prompt is listed with its arguments", () => {
  takeCalls();
  server().exports().start!.start();
  const [, [prompt]] = takeCalls().find(([name]) => name === "registerPrompts") as [string, any[]];
  assert.deepEqual(prompt.arguments, [
    { name: "name", description: "Whom", required: true },
    { name: "style", required: false },
    { name: "note", title: "Note", required: false },
  ]);
});

test("a prompt is filled in, with checked arguments", async () => {
  const { getPrompt } = server().exports().prompts!;
  const get = async (args: [string, string][]) =>
    getPrompt(context(), { name: "greet", arguments: args });
  assert.deepEqual(await get([["name", "Ada"]]), {
    description: "Greets.",
    messages: [{ role: "user", content: { tag: "text", val: { text: "Ada casual undefined" } } }],
  });
  const invalid = { code: { tag: "invalid-params" }, message: /Invalid argument style/ };
  await assert.rejects(
    get([
      ["name", "Ada"],
      ["style", "odd"],
    ]),
    invalid,
  );
  await assert.rejects(get([]), { code: { tag: "invalid-params" } });
});

test("arguments and variables are completed", async () => {
  const complete = async (ref: any, name: string, known?: [string, string][]) =>
    server()
      .exports()
      .completion!.complete(context(), {
        ref,
        argument: { name, value: "A" },
        contextArguments: known,
      });
  const prompt = { tag: "prompt", val: { name: "greet" } };
  const one = (value: string) => ({ values: [value], total: 1, hasMore: false });
  assert.deepEqual(await complete(prompt, "name"), one("A"));
  assert.deepEqual(await complete(prompt, "name", [["style", "!"]]), one("A!"));
  assert.deepEqual(await complete(prompt, "style"), { values: [], total: 0, hasMore: false });
  const template = { tag: "resource-template", val: "a://{id}/{other}" };
  const many = await complete(template, "id");
  assert.deepEqual([many.values.length, many.total, many.hasMore], [100, 101, true]);
  const unknown = { code: { tag: "invalid-params" } };
  await assert.rejects(complete(prompt, "other"), unknown);
  await assert.rejects(complete({ tag: "prompt", val: { name: "none" } }, "name"), unknown);
  await assert.rejects(complete({ tag: "resource-template", val: "a://{none}" }, "none"), unknown);
  await assert.rejects(complete({ tag: "other", val: "{}" }, "name"), unknown);
});
