/** The variants of the interface, and the engines that run a component's JavaScript. */

/** The versions of the packages in `wit/`, by the variant. Standard error is that of WASI 0.2. */
export const VARIANTS = {
  "0.2": { mcp: "0.2.0-draft2", clocks: "0.2.0", cli: "0.2.0", io: "0.2.0" },
  "0.3": { mcp: "0.3.0-draft2", clocks: "0.3.0", cli: "0.2.0", io: "0.2.0" },
} as const;

export type Variant = keyof typeof VARIANTS;

/** The properties of an engine that a bundle depends on. */
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
    // componentize-qjs 0.5 of crates.io, where a program imports asynchronous functions.
    "0.3": { awaits: true, u64: "BigInt" },
  },
  starlingmonkey: {
    "0.2": { awaits: true, u64: "BigInt" },
  },
} as const satisfies Record<string, Partial<Record<Variant, Engine>>>;

export type EngineName = keyof typeof ENGINES;

/** Returns the name of an import with the version that the package's WIT has, if it has none. */
export function versioned(name: string, variant: Variant): string {
  const version = name.includes("@") ? undefined : shipped(name, variant);
  return version === undefined ? name : `${name}@${version}`;
}

/** Returns whether an import with a version is one of the package's WIT. */
export function isShipped(name: string, variant: Variant): boolean {
  const [unversioned, version] = name.split("@");
  return version !== undefined && version === shipped(unversioned!, variant);
}

/** Returns the version of an interface in the package's WIT. */
function shipped(name: string, variant: Variant): string | undefined {
  const versions: Record<string, string> = VARIANTS[variant];
  return versions[/^wasi:([a-z]+)\//.exec(name)?.[1] ?? ""];
}
