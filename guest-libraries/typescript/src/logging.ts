/** Log messages for the client. A server that uses {@link log} has the capability `logging`. */

import * as logging from "wasi:mcp/logging";

import { string } from "./codec.js";
import { attempt } from "./errors.js";
import type { Extra } from "./extra.js";
import { jsonText } from "./json.js";
import * as records from "./records.js";

/** The levels of RFC 5424, least severe first. */
export type LogLevel =
  "debug" | "info" | "notice" | "warning" | "error" | "critical" | "alert" | "emergency";

/**
 * Logs to the client that sent the request, or, without `extra`, to every session of this instance.
 *
 * @param data any JSON value, most often a text or an object
 * @param logger the part of the server that logs
 */
export function log(extra: Extra | null, level: LogLevel, data: unknown, logger?: string): void {
  const context = extra?.context ?? null;
  records.logLevel.encode(level, "level");
  if (logger !== undefined) string.encode(logger, "logger");
  attempt(() => logging.log(context, level, logger ?? null, jsonText(data)));
}
