/** Runs a program's top level in Node.js, to learn which features the server has. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import type { McpServer } from "../server.js";
import { authored, bundleForNode } from "./bundle.js";
import { BuildFailure } from "./failure.js";

/**
 * Returns the names of the interfaces that the component exports, in camelCase.
 *
 * The component's top level runs at build time in any case, when the engine takes its snapshot.
 * Errors of the registration are found here, where the stack leads to the author's line.
 */
export async function exportsOf(program: string): Promise<string[]> {
  const { default: server } = await load(program);
  if (typeof server !== "object" || typeof (server as McpServer | null)?.exports !== "function") {
    throw new BuildFailure(
      `${program}: the default export is not a server: end the file with \`export default server;\``,
    );
  }
  const names = Object.keys((server as McpServer).exports());
  if (names.length === 1) {
    throw new BuildFailure(
      `${program}: the server has no tool, resource or prompt: register one at the top level, such as \`server.tool(...)\``,
    );
  }
  return names;
}

async function load(program: string): Promise<{ default?: unknown }> {
  const code = await bundleForNode(program);
  const folder = await mkdtemp(join(tmpdir(), "wasi-mcp-guest-"));
  const file = join(folder, "program.mjs");
  process.setSourceMapsEnabled(true);
  try {
    await writeFile(file, code);
    return await import(pathToFileURL(file).href);
  } catch (error) {
    throw new BuildFailure(`${program}: ${withPlaces(error)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the message, and the places in the author's files that led there. */
function withPlaces(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const frames = (error.stack ?? "").matchAll(
    /(?: at |\()(?:file:\/\/)?(\/[^\s()]*):(\d+):\d+\)?$/gm,
  );
  const places = [...frames].flatMap(([, path, line]) => {
    const file = path!.endsWith("/program.mjs") ? undefined : authored(path!);
    return file === undefined ? [] : [`    at ${file}:${line}`];
  });
  return [String(error), ...places].join("\n");
}
