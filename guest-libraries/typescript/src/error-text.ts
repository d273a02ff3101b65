/** Errors as text for operators. */

import { withSourceLines } from "./source-lines.js";

/** Returns the message and the stack of anything that was thrown, with places in the author's files. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const heading = String(error);
  // The stack of V8 begins with the heading; those of QuickJS and SpiderMonkey lack it.
  const stack = withSourceLines(error.stack ?? "").trimEnd();
  const text = stack.startsWith(heading) ? stack : `${heading}\n${stack}`.trimEnd();
  return error.cause === undefined ? text : `${text}\ncaused by ${errorText(error.cause)}`;
}
