/** Bundles a program and the library into one module, with esbuild. */

import { isBuiltin } from "node:module";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import * as esbuild from "esbuild";
import type { BuildOptions, Plugin } from "esbuild";

import { BuildFailure } from "./failure.js";
import { appendSourceLines } from "./source-lines.js";
import { versioned } from "./variants.js";
import type { Engine, Variant } from "./variants.js";
import { isService } from "./world.js";

/** The folder of the compiled library. */
const LIBRARY = fileURLToPath(new URL("..", import.meta.url));

/** An import of an interface, such as `wasi:mcp/tools`, with or without a version. */
const INTERFACE = /^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*\//;

/** The name of the generated module, which no file has. */
const ENTRY = "wasi-mcp-guest-entry.js";

/** A bundle for a component. */
export interface Bundle {
  readonly code: string;
  /** The interfaces that it imports, with versions. */
  readonly imports: readonly string[];
}

/** Bundles the program for a component that exports these interfaces. */
export async function bundle(
  program: string,
  exports: readonly string[],
  variant: Variant,
  engine: Engine,
): Promise<Bundle> {
  const install = engine.awaits
    ? ""
    : `import ${JSON.stringify(`${LIBRARY}promises/install.js`)};\n`;
  const entry = `${install}import server from ${JSON.stringify(resolve(program))};
export const { ${exports.join(", ")} } = server.exports();
`;
  const result = await run({
    stdin: { contents: entry, resolveDir: dirname(resolve(program)), sourcefile: ENTRY },
    plugins: [
      noNode,
      // A service calls nothing of `runtime`, and does not import it.
      ...(isService(exports) ? [standIns(/^wasi:mcp\/runtime$/, LIBRARY)] : []),
      interfacesStay(variant),
    ],
    define: { WASI_MCP_U64: engine.u64 },
    sourcemap: "external",
    outfile: "component.js",
    metafile: true,
    // Without jobs of the engine, `async` is compiled to generators over `Promise`.
    ...(!engine.awaits && {
      supported: { "async-await": false, "async-generator": false, "for-await": false },
    }),
  });
  const [output] = Object.values(result.metafile!.outputs).filter(({ entryPoint }) => entryPoint);
  const imports = output!.imports.filter(({ external }) => external).map(({ path }) => path);
  const file = (end: string): string =>
    result.outputFiles!.find(({ path }) => path.endsWith(end))!.text;
  return {
    code: appendSourceLines(file(".js"), file(".map"), authored),
    imports: [...new Set(imports)].sort(),
  };
}

/** Returns the name of a source that the author wrote, and nothing for other sources. */
export function authored(source: string): string | undefined {
  const path = resolve(source);
  const foreign =
    path.startsWith(LIBRARY) || path.includes("/node_modules/") || source.endsWith(ENTRY);
  return foreign ? undefined : relative(process.cwd(), path);
}

/** Bundles the program to be run by Node.js. Imported interfaces are stand-ins that do nothing. */
export async function bundleForNode(program: string): Promise<string> {
  const result = await run({
    entryPoints: [program],
    plugins: [noNode, standIns(INTERFACE)],
    define: { WASI_MCP_U64: "Number" },
    platform: "node",
    sourcemap: "inline",
    // The module is run in another folder.
    sourceRoot: pathToFileURL(`${process.cwd()}/`).href,
    outdir: ".",
  });
  return result.outputFiles![0]!.text;
}

async function run(options: BuildOptions): Promise<esbuild.BuildResult> {
  try {
    return await esbuild.build({
      bundle: true,
      format: "esm",
      target: "es2022",
      write: false,
      logLevel: "silent",
      ...options,
    });
  } catch (error) {
    const { errors } = error as esbuild.BuildFailure;
    if (!errors) throw error;
    const lines = await esbuild.formatMessages(errors, { kind: "error" });
    throw new BuildFailure(lines.join("").trim());
  }
}

/** Refuses modules of Node.js, which a component does not have. */
const noNode: Plugin = {
  name: "no-node",
  setup(build) {
    build.onResolve({ filter: /^[a-z_/:]+$/ }, ({ path }) =>
      isBuiltin(path)
        ? { errors: [{ text: `a component has no module "${path}" of Node.js` }] }
        : undefined,
    );
  },
};

/** Leaves imports of interfaces to the component, unless nothing uses them. */
function interfacesStay(variant: Variant): Plugin {
  return {
    name: "interfaces",
    setup(build) {
      build.onResolve({ filter: INTERFACE }, ({ path }) => ({
        path: versioned(path, variant),
        external: true,
        sideEffects: false,
      }));
    },
  };
}

/**
 * Replaces interfaces by objects of which every member is a function that does nothing.
 *
 * @param importers the folder of the modules that get them; by default, all modules
 */
function standIns(filter: RegExp, importers = ""): Plugin {
  return {
    name: "stand-ins",
    setup(build) {
      build.onResolve({ filter }, ({ path, importer }) =>
        importer.startsWith(importers) ? { path, namespace: "stand-in" } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: "stand-in" }, () => ({
        contents: "module.exports = new Proxy({}, { get: () => function StandIn() {} });",
        loader: "js",
      }));
    },
  };
}
