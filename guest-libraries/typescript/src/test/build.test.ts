import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { emit } from "../build/componentize.js";
import type { Request } from "../build/componentize.js";

/** Programs lie in the package, so that `@wasi-mcp/guest` and zod are found. */
const folder = mkdtempSync(fileURLToPath(new URL("../../programs-", import.meta.url)));
after(() => rmSync(folder, { recursive: true }));

const HEADING = `import { McpServer, log, sleep } from "@wasi-mcp/guest";
const server = new McpServer({ name: "test", version: "1" });
`;

let programs = 0;

/** Bundles a program, and returns the world and the code. */
async function emitted(
  body: string,
  request: Partial<Request> = {},
): Promise<{ world: string; code: string; program: string }> {
  const name = `program-${programs++}`;
  const program = relative(process.cwd(), join(folder, `${name}.ts`));
  writeFileSync(program, HEADING + body);
  const out = join(folder, name);
  await emit({ program, variant: "0.2", engine: "quickjs", wit: [], ...request }, out);
  return {
    world: readFileSync(join(out, "wit", "world.wit"), "utf8"),
    code: readFileSync(join(out, "component.js"), "utf8"),
    program,
  };
}

async function refused(
  body: string,
  message: RegExp,
  request: Partial<Request> = {},
): Promise<void> {
  await assert.rejects(emitted(body, request), ({ message: found }: Error) => {
    assert.match(found, message);
    return true;
  });
}

test("the world imports the functions that the program uses, and no others", async () => {
  const { world } = await emitted(`
    server.tool("t", (extra) => { log(extra, "info", 1); return ""; });
    export default server;`);
  const imports = world.match(/(?<=import )[^@]+/g);
  assert.deepEqual(imports, [
    "wasi:cli/stderr",
    "wasi:mcp/logging",
    "wasi:mcp/notifications",
    "wasi:mcp/runtime",
  ]);
  assert.deepEqual(world.match(/(?<=export )[^@]+/g), ["wasi:mcp/tools"]);
});

test("a program may import an interface itself", async () => {
  const { world } = await emitted(`
    import * as identity from "wasi:mcp/identity";
    server.tool("t", (extra) => String(identity.getPrincipal(extra.context)));
    export default server;`);
  assert.match(world, /import wasi:mcp\/identity@0\.2\.0-draft2;/);
});

test("a program may change the exports of its server", async () => {
  const { world } = await emitted(`
    server.tool("t", () => "");
    export default { exports: () => ({ ...server.exports(), prompts: { getPrompt() {} } }) };`);
  assert.deepEqual(world.match(/(?<=export )[^@]+/g), ["wasi:mcp/tools", "wasi:mcp/prompts"]);
});

test("a service exports its lists and does not register them", async () => {
  const { world } = await emitted(`
    const service = new McpServer({ name: "test", version: "1" }, { service: true });
    service.tool("t", () => "");
    export default service;`);
  assert.match(world, /include wasi:mcp\/service@/);
  assert.deepEqual(world.match(/(?<=import )[^@]+/g), [
    "wasi:cli/stderr",
    "wasi:mcp/notifications",
  ]);
  const exports = world.match(/(?<=export )[^@]+/g);
  assert.deepEqual(exports, ["wasi:mcp/tool-catalog", "wasi:mcp/tools"]);
});

test("a generator's resource is exported as a stream in WASI 0.3 alone", async () => {
  const body = `
    server.resource("r", "a://r", async function* () { yield "x"; });
    export default server;`;
  assert.doesNotMatch((await emitted(body)).world, /resource-streams/);
  const { world } = await emitted(body, { variant: "0.3" });
  assert.match(world, /export wasi:mcp\/resource-streams@0\.3\.0-draft2;/);
});

test("async functions are compiled for QuickJS and WASI 0.2 alone", async () => {
  const body = `
    server.tool("t", async () => { await sleep(1); return ""; });
    export default server;`;
  const blocking = await emitted(body);
  assert.doesNotMatch(blocking.code, /\basync\s*(function|\()/);
  assert.match(blocking.code, /QueuedPromise/);
  assert.match(blocking.code, /Number\(Math\.round/);
  for (const request of [{ variant: "0.3" }, { engine: "starlingmonkey" }] as const) {
    const { code } = await emitted(body, request);
    assert.match(code, /async \(\) => \{\n\s*await sleep\(1\)/);
    assert.doesNotMatch(code, /QueuedPromise/);
    assert.match(code, /BigInt\(Math\.round/);
  }
});

test("WASI 0.3 has its own world and WIT", async () => {
  const { world } = await emitted(
    `
    server.tool("t", async () => { await sleep(1); return ""; });
    export default server;`,
    { variant: "0.3" },
  );
  assert.match(world, /include wasi:mcp\/backend@0\.3\.0-draft2;/);
  assert.match(world, /import wasi:clocks\/monotonic-clock@0\.3\.0;/);
  assert.match(world, /export wasi:mcp\/tools@0\.3\.0-draft2;/);
});

test("the code names the author's lines", async () => {
  const { code, program } = await emitted(`server.tool("t", () => { throw new Error("x"); });
    export default server;`);
  const table = JSON.parse(/WASI_MCP_SOURCE_LINES = (.*);/.exec(code)![1]!);
  assert.deepEqual(table.files, [program]);
  const bundled = code.split("\n").findIndex((line) => line.includes('new Error("x")')) + 1;
  assert.deepEqual(table.lines[bundled], [0, 3]);
});

test("a program that cannot become a server is refused with what to do", async () => {
  await refused(
    `server.tool("t", () => "");`,
    /\.ts: the default export is not a server: end the file with/,
  );
  await refused(
    `export default server;`,
    /\.ts: the server has no tool, resource or prompt: register one/,
  );
  await refused(
    `server.tool("t", () => "");\nserver.tool("t", () => "");\nexport default server;`,
    /there is already a tool "t".*\n    at .*program-\d+\.ts:4$/,
  );
  await refused(
    `export default new McpServer({ name: "a", version: "1" }, { visible: () => true });`,
    /`visible` needs `service: true`\n    at .*program-\d+\.ts:3$/,
  );
  await refused(`import "node:fs";`, /a component has no module "node:fs" of Node\.js/);
  await refused(`export default server`, /starlingmonkey has no WASI 0\.3/, {
    variant: "0.3",
    engine: "starlingmonkey",
  });
});

test("an interface of another package needs its WIT, which joins the world", async () => {
  const body = `
    import { get } from "my:config/store@1.0.0";
    server.tool("t", () => String(get()));
    export default server;`;
  await refused(body, /imports my:config\/store@1\.0\.0: name the folder of its WIT with --wit/);
  const wit = join(folder, "wit");
  mkdirSync(wit);
  writeFileSync(
    join(wit, "config.wit"),
    "package my:config@1.0.0;\ninterface store { get: func() -> string; }\n",
  );
  const { world } = await emitted(body, { wit: [wit] });
  assert.match(world, /import my:config\/store@1\.0\.0;/);
});
