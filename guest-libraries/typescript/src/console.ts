/**
 * A `console` that writes to the component's stderr, for engines that have none.
 *
 * The host takes these lines to its own log: they are for operators, and not for the client.
 */

import * as stderr from "wasi:cli/stderr";

import { utf8 } from "./bytes.js";
import { withSourceLines } from "./source-lines.js";

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

/** The stack of QuickJS lacks the error's name and message; that of other engines has them. */
function errorText(error: Error): string {
  const heading = String(error);
  const stack = withSourceLines(error.stack ?? "").trimEnd();
  const text = stack.startsWith(heading) || stack === "" ? stack || heading : `${heading}\n${stack}`;
  return error.cause === undefined ? text : `${text}\ncaused by ${shown(error.cause)}`;
}

function write(...values: unknown[]): void {
  try {
    stderr.getStderr().blockingWriteAndFlush(utf8(`${values.map(shown).join(" ")}\n`));
  } catch {
    // Nobody reads, or the build runs the top level of the program, which it shows by itself.
  }
}

globalThis.console ??= Object.fromEntries(
  ["log", "info", "debug", "warn", "error", "trace"].map((level) => [level, write]),
) as unknown as Console;
