/** Writes the world of a component, and the packages that it names. */

import { cp, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { BuildFailure } from "./failure.js";
import { VARIANTS } from "./variants.js";
import type { Variant } from "./variants.js";

/** The WIT that this package ships. */
const WIT = fileURLToPath(new URL("../../wit/", import.meta.url));

/** The name of the world, in the package `guest:app`. */
export const WORLD = "server";

/** The exports that the minimal worlds have: a server has exactly one. */
const MINIMAL = ["start", "serverCatalog"];

/** Returns whether a component with these exports, whose names are in camelCase, is a service. */
export function isService(exports: readonly string[]): boolean {
  return exports.includes("serverCatalog");
}

/** Returns the text of a world. `exports` are names in camelCase. */
export function worldText(
  imports: readonly string[],
  exports: readonly string[],
  variant: Variant,
): string {
  const version = VARIANTS[variant].mcp;
  const kebab = (name: string): string => name.replace(/[A-Z]/g, (it) => `-${it.toLowerCase()}`);
  const lines = [
    `include wasi:mcp/${isService(exports) ? "service" : "backend"}@${version};`,
    ...imports.map((name) => `import ${name};`),
    ...exports
      .filter((name) => !MINIMAL.includes(name))
      .map((name) => `export wasi:mcp/${kebab(name)}@${version};`),
  ];
  return `package guest:app;\n\nworld ${WORLD} {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}

/**
 * Writes a folder with the world and its packages.
 *
 * @param further folders or files of packages that the program imports besides
 */
export async function writeWorld(
  folder: string,
  text: string,
  variant: Variant,
  further: readonly string[],
): Promise<void> {
  const packages = join(folder, "deps");
  await mkdir(packages, { recursive: true });
  await writeFile(join(folder, "world.wit"), text);
  for (const source of [join(WIT, "both"), join(WIT, variant), ...further]) {
    await copyPackages(source, packages);
  }
}

/** Copies packages of one file, and packages in folders. */
async function copyPackages(source: string, target: string): Promise<void> {
  const found = await stat(source).catch(() => undefined);
  if (!found) throw new BuildFailure(`${source}: no such file or folder of WIT`);
  const entries = found.isDirectory() ? await readdir(source) : [""];
  for (const entry of entries) {
    const name = entry || source.split("/").at(-1)!;
    await cp(join(source, entry), join(target, name), { recursive: true });
  }
}

/**
 * Leaves the functions named `wait-*` out of the interface's packages. They are asynchronous in
 * every program's world, and this library does not use them.
 */
export async function leaveWaitsOut(folder: string): Promise<void> {
  const packages = join(folder, "deps", "mcp");
  for (const name of await readdir(packages)) {
    const file = join(packages, name);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace(/^ *wait-[a-z-]+: async func[^;]*;\n/gm, ""));
  }
}
