// Derives what the package needs from the repository: copies of the WIT, in `wit/*/mcp`, and of the
// licence, and the types of the bindings, in `src/bindings.d.ts`. With `--types DIR` it adds these
// types to the compiled package there, because tsc leaves declaration files behind.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { declarations } from "./declarations.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const bindings = join(root, "src", "bindings.d.ts");

if (process.argv[2] === "--types") {
  const target = join(root, process.argv[3]);
  cpSync(bindings, join(target, "bindings.d.ts"));
  const index = join(target, "index.d.ts");
  const reference = '/// <reference path="./bindings.d.ts" />\n';
  writeFileSync(index, reference + readFileSync(index, "utf8"));
} else {
  // The script runs from a copy of this folder, too, and then finds the repository by a variable.
  const repository = process.env.WASI_MCP_REPOSITORY ?? join(root, "..", "..");
  const sources = { 0.2: join(repository, "wit", "preview2"), 0.3: join(repository, "wit") };
  for (const [variant, source] of Object.entries(sources)) {
    copyWit(source, join(root, "wit", variant, "mcp"));
  }
  cpSync(join(repository, "LICENSE"), join(root, "LICENSE"));
  writeFileSync(bindings, declarations(witTexts(sources["0.3"])));
}

function copyWit(source, target) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const name of witNames(source)) {
    cpSync(join(source, name), join(target, name));
  }
}

function witNames(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".wit"))
    .sort();
}

function witTexts(folder) {
  return witNames(folder).map((name) => readFileSync(join(folder, name), "utf8"));
}
