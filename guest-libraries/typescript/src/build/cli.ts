#!/usr/bin/env node
/** The command `wasi-mcp-guest`. */

import { parseArgs } from "node:util";

import { build, emit } from "./componentize.js";
import type { Request } from "./componentize.js";
import { BuildFailure } from "./failure.js";
import { ENGINES, VARIANTS } from "./variants.js";

const USAGE = `Makes an MCP server of a TypeScript or JavaScript program, as a component.

usage: wasi-mcp-guest build PROGRAM -o FILE [--wasi 0.2|0.3] [--wit PATH]...
       wasi-mcp-guest emit PROGRAM -o FOLDER [--wasi 0.2|0.3] [--engine quickjs|starlingmonkey] [--wit PATH]...

build   Writes the component, with QuickJS
emit    Writes component.js, and wit/ with the world "server", for another tool

  -o, --output PATH   The file or folder to write
  --wasi VERSION      The variant of the interface [default: 0.2]
  --engine NAME       The engine that runs the component [default: quickjs]
  --wit PATH          WIT packages of further interfaces that the program imports
`;

async function main(given: string[]): Promise<void> {
  const { values, positionals } = parse(given);
  const [command, program, ...rest] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(USAGE);
    return;
  }
  if (command !== "build" && command !== "emit")
    fail(`unknown command \`${command}\`: expected build or emit`);
  if (program === undefined || rest.length > 0) fail(`${command}: expected one program`);
  if (values.output === undefined) fail(`${command}: expected --output`);
  const request: Request = {
    program,
    variant: one(VARIANTS, "--wasi", values.wasi),
    engine: one(ENGINES, "--engine", values.engine),
    wit: values.wit,
  };
  if (command === "build") await build(request, values.output);
  else await emit(request, values.output);
}

function parse(given: string[]) {
  try {
    return parseArgs({
      args: given,
      allowPositionals: true,
      options: {
        output: { type: "string", short: "o" },
        wasi: { type: "string", default: "0.2" },
        engine: { type: "string", default: "quickjs" },
        wit: { type: "string", multiple: true, default: [] },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    fail((error as Error).message);
  }
}

/** Returns the value of an option, which is one of the table's names. */
function one<T extends object>(table: T, option: string, value: string): keyof T {
  if (Object.hasOwn(table, value)) return value as keyof T;
  fail(`${option} ${value}: expected ${Object.keys(table).join(" or ")}`);
}

function fail(message: string): never {
  throw new BuildFailure(message);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof BuildFailure ? `error: ${error.message}` : error);
  process.exitCode = 1;
}
