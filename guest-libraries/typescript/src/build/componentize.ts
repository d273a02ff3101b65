/** Makes a component, or what a tool for components needs to make one. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { bundle } from "./bundle.js";
import { exportsOf } from "./evaluate.js";
import { BuildFailure } from "./failure.js";
import { ENGINES, isShipped } from "./variants.js";
import type { Engine, EngineName, Variant } from "./variants.js";
import { leaveWaitsOut, WORLD, worldText, writeWorld } from "./world.js";

/** The program and what it is for. */
export interface Request {
  /** The author's file. */
  readonly program: string;
  readonly variant: Variant;
  readonly engine: EngineName;
  /** Folders or files of further WIT packages. */
  readonly wit: readonly string[];
}

/** The interfaces with asynchronous functions in WASI 0.3, by the functions that use them. */
const ASYNCHRONOUS: Record<string, string> = {
  "wasi:mcp/sampling": "createMessage",
  "wasi:mcp/elicitation": "elicit",
  "wasi:mcp/roots": "listRoots",
  "wasi:clocks/monotonic-clock": "sleep",
};

/**
 * Writes `component.js`, and `wit` with the world `server`, to a folder. Returns the interfaces
 * that the component imports.
 */
export async function emit(request: Request, folder: string): Promise<readonly string[]> {
  const { program, variant } = request;
  const engines: Partial<Record<Variant, Engine>> = ENGINES[request.engine];
  const engine = engines[variant];
  if (!engine) throw new BuildFailure(`${request.engine} has no WASI ${variant}: use quickjs`);
  const exports = (await exportsOf(program)).filter((name) => existsIn(variant, name));
  const { code, imports } = await bundle(program, exports, variant, engine);
  const foreign = imports.find((name) => !isShipped(name, variant));
  if (foreign !== undefined && request.wit.length === 0) {
    throw new BuildFailure(`${program}: imports ${foreign}: name the folder of its WIT with --wit`);
  }
  await mkdir(folder, { recursive: true });
  await rm(join(folder, "wit"), { recursive: true, force: true });
  await writeWorld(join(folder, "wit"), worldText(imports, exports, variant), variant, request.wit);
  await writeFile(join(folder, "component.js"), code);
  return imports;
}

/** Writes the component to a file. */
export async function build(request: Request, file: string): Promise<void> {
  const { program, variant, engine } = request;
  if (engine !== "quickjs") {
    throw new BuildFailure(`\`build\` makes components for quickjs: use \`emit\` for ${engine}`);
  }
  const folder = await mkdtemp(join(tmpdir(), "wasi-mcp-guest-"));
  try {
    const imports = await emit(request, folder);
    if (variant === "0.3") {
      refuseAsynchronous(program, imports);
      await leaveWaitsOut(join(folder, "wit"));
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, await componentized(folder, variant));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns whether the variant has the interface of this export. WASI 0.2 has no streams. */
function existsIn(variant: Variant, name: string): boolean {
  return variant === "0.3" || name !== "resourceStreams";
}

/** componentize-qjs 0.4 exports asynchronous functions, and cannot import them. */
function refuseAsynchronous(program: string, imports: readonly string[]): void {
  for (const name of imports) {
    const used = ASYNCHRONOUS[name.split("@")[0]!];
    if (used !== undefined) {
      throw new BuildFailure(
        `${program}: uses \`${used}\`, which this engine cannot import in WASI 0.3: build for 0.2, or use \`emit\` and componentize-qjs 0.5`,
      );
    }
  }
}

/** Returns the component of a folder that {@link emit} has written. */
async function componentized(folder: string, variant: Variant): Promise<Uint8Array> {
  const { componentize } = await import("componentize-qjs");
  try {
    const { component } = await componentize({
      witPath: join(folder, "wit"),
      jsPath: join(folder, "component.js"),
      jsSource: await readFile(join(folder, "component.js"), "utf8"),
      world: WORLD,
      sync: variant === "0.2",
    });
    return component;
  } catch (error) {
    throw new BuildFailure(`componentize-qjs: ${(error as Error).message}`);
  }
}
