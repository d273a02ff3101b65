/** Tools that wait. */

import { sleep } from "@wasi-mcp/guest";
import type { McpServer } from "@wasi-mcp/guest";
import * as z from "zod";

import { state } from "../state.ts";
import { READ_ONLY } from "./hints.ts";

/** The interval between two polls for cancellation, in milliseconds. */
const CANCELLATION_POLL_INTERVAL = 5;

export function registerWaitingTools(server: McpServer): void {
  server.registerTool(
    "sleep",
    {
      description: "Waits for the given time, cancelled or not.",
      inputSchema: { milliseconds: z.int().min(0).max(600_000) },
      annotations: READ_ONLY,
    },
    async ({ milliseconds }) => {
      await sleep(milliseconds);
      return `Slept ${milliseconds} ms`;
    },
  );
  server.registerTool(
    "wait-until-cancelled",
    {
      description:
        "Waits until the request is cancelled; `describe-instance` then shows the cancellation.",
      annotations: READ_ONLY,
    },
    async (extra) => {
      while (!extra.isCancelled) await sleep(CANCELLATION_POLL_INTERVAL);
      state.cancellations.push("cancelled");
      // The host discards this: the client no longer waits for it.
      return "Cancelled";
    },
  );
}
