/**
 * A `console` that writes to the component's stderr, for engines that have none.
 *
 * The host takes these lines to its own log: they are for operators, and not for the client.
 */

import * as stderr from "wasi:cli/stderr";

import { utf8 } from "./bytes.js";
import { errorText } from "./error-text.js";

/** Returns a value as text for people. */
function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return errorText(value);
  if (typeof value === "object" && value !== null) {
    try {
      return JSON.stringify(value) ?? String(value);
    } catch {
      return String(value);
    }
  }
  return String(value);
}

/** The maximum number of bytes that one call may write. */
const MAXIMUM_BYTES = 4096;

function write(...values: unknown[]): void {
  const bytes = utf8(`${values.map(shown).join(" ")}\n`);
  try {
    const stream = stderr.getStderr();
    for (let at = 0; at < bytes.length; at += MAXIMUM_BYTES) {
      stream.blockingWriteAndFlush(bytes.subarray(at, at + MAXIMUM_BYTES));
    }
  } catch {
    // Nobody reads, or the build runs the top level of the program, which it shows by itself.
  }
}

declare global {
  /** The part of `console` that a component has. Other declarations of it add to this one. */
  interface Console {
    debug(...values: unknown[]): void;
    error(...values: unknown[]): void;
    info(...values: unknown[]): void;
    log(...values: unknown[]): void;
    trace(...values: unknown[]): void;
    warn(...values: unknown[]): void;
  }

  var console: Console;
}

globalThis.console ??= Object.fromEntries(
  ["log", "info", "debug", "warn", "error", "trace"].map((level) => [level, write]),
) as unknown as Console;
