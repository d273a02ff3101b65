/** The variants of the interface, and the engines that run a component's JavaScript. */

/** The variants, by the version of WASI. */
export const VARIANTS = {
  "0.2": { mcp: "0.2.0-draft2", clocks: "0.2.0" },
  "0.3": { mcp: "0.3.0-draft2", clocks: "0.3.0" },
} as const;

export type Variant = keyof typeof VARIANTS;

/** What the bundle must know of an engine. */
export interface Engine {
  /** The engine awaits the promises that exports return. */
  readonly awaits: boolean;
  /** The JavaScript function that makes the engine's type for `u64`. */
  readonly u64: "Number" | "BigInt";
}

export const ENGINES = {
  quickjs: {
    // componentize-qjs 0.4 of npm.
    "0.2": { awaits: false, u64: "Number" },
    // componentize-qjs 0.5 of crates.io.
    "0.3": { awaits: true, u64: "BigInt" },
  },
  starlingmonkey: {
    "0.2": { awaits: true, u64: "BigInt" },
  },
} as const satisfies Record<string, Partial<Record<Variant, Engine>>>;

export type EngineName = keyof typeof ENGINES;

/** Returns the name of an import with the version that the package's WIT has. */
export function versioned(name: string, variant: Variant): string {
  if (name.includes("@")) return name;
  const { mcp, clocks } = VARIANTS[variant];
  if (name.startsWith("wasi:mcp/")) return `${name}@${mcp}`;
  if (name.startsWith("wasi:clocks/")) return `${name}@${clocks}`;
  // wasi:cli and wasi:io of 0.2, in both variants.
  return name.startsWith("wasi:cli/") || name.startsWith("wasi:io/") ? `${name}@0.2.0` : name;
}
