/** Log messages, in a request and outside of any. */

import { log } from "@wasi-mcp/guest";
import type { LogLevel, McpServer } from "@wasi-mcp/guest";
import * as z from "zod";

import { READ_ONLY } from "./hints.ts";

const LEVELS: LogLevel[] = [
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
];

const logger = { logger: z.string().optional() };

export function registerLogTools(server: McpServer): void {
  server.registerTool(
    "log-all-levels",
    {
      description: "Logs one message at each level, from debug to emergency, tied to this request.",
      inputSchema: logger,
      annotations: READ_ONLY,
    },
    ({ logger }, extra) => {
      for (const level of LEVELS)
        log(extra, level, { level, message: "A message\nof two lines" }, logger);
      return "Logged 8 messages";
    },
  );
  server.registerTool(
    "log-to-sessions",
    {
      description: "Logs one message at each level to every session of this instance.",
      inputSchema: logger,
      annotations: READ_ONLY,
    },
    ({ logger }) => {
      for (const level of LEVELS)
        log(null, level, { level, message: "A message\nof two lines" }, logger);
      return "Logged 8 messages";
    },
  );
  server.registerTool(
    "flood-logs",
    {
      description: "Logs `count` numbered messages at level info as fast as it can.",
      inputSchema: { count: z.int().min(0).max(1_000_000) },
      annotations: READ_ONLY,
    },
    ({ count }, extra) => {
      for (let number = 0; number < count; number++) log(extra, "info", number, "flood");
      return `Logged ${count} messages`;
    },
  );
}
