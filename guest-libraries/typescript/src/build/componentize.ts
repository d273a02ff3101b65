/** Makes a component, or what a tool for components needs to make one. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { bundle } from "./bundle.js";
import { exportsOf } from "./evaluate.js";
import { BuildFailure } from "./failure.js";
import { ENGINES, isShipped } from "./variants.js";
import type { Engine, EngineName, Variant } from "./variants.js";
import { WORLD, worldText, writeWorld } from "./world.js";

/** The program and what it is for. */
export interface Request {
  /** The author's file. */
  readonly program: string;
  readonly variant: Variant;
  readonly engine: EngineName;
  /** Folders or files of further WIT packages. */
  readonly wit: readonly string[];
}

/** Writes `component.js`, and `wit` with the world `server`, to a folder. */
export async function emit(request: Request, folder: string): Promise<void> {
  const { program, variant } = request;
  const engines: Partial<Record<Variant, Engine>> = ENGINES[request.engine];
  const engine = engines[variant];
  if (!engine) throw new BuildFailure(`${request.engine} has no WASI ${variant}: use quickjs`);
  const exports = await exportsOf(program);
  const { code, imports } = await bundle(program, exports, variant, engine);
  const foreign = imports.find((name) => !isShipped(name, variant));
  if (foreign !== undefined && request.wit.length === 0) {
    throw new BuildFailure(`${program}: imports ${foreign}: name the folder of its WIT with --wit`);
  }
  await mkdir(folder, { recursive: true });
  await rm(join(folder, "wit"), { recursive: true, force: true });
  await writeWorld(join(folder, "wit"), worldText(imports, exports, variant), variant, request.wit);
  await writeFile(join(folder, "component.js"), code);
}

/** Writes the component to a file. */
export async function build(request: Request, file: string): Promise<void> {
  if (request.engine !== "quickjs" || request.variant !== "0.2") {
    throw new BuildFailure(
      "`build` makes components for QuickJS and WASI 0.2: use `emit`, and the tool of the engine",
    );
  }
  const folder = await mkdtemp(join(tmpdir(), "wasi-mcp-guest-"));
  try {
    await emit(request, folder);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, await componentized(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the component of a folder that {@link emit} has written. */
async function componentized(folder: string): Promise<Uint8Array> {
  const { componentize } = await import("componentize-qjs");
  try {
    const { component } = await componentize({
      witPath: join(folder, "wit"),
      jsPath: join(folder, "component.js"),
      jsSource: await readFile(join(folder, "component.js"), "utf8"),
      world: WORLD,
      sync: true,
    });
    return component;
  } catch (error) {
    throw new BuildFailure(`componentize-qjs: ${(error as Error).message}`);
  }
}
