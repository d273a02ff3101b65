/** Progress, and reports that are not allowed. */

import { sleep } from "@wasi-mcp/guest";
import type { McpServer } from "@wasi-mcp/guest";
import * as z from "zod";

import { READ_ONLY } from "./hints.ts";
import { outcome } from "./outcome.ts";

export function registerProgressTools(server: McpServer): void {
  server.registerTool(
    "report-progress",
    {
      description: "Reports progress step by step: 0 of `steps`, 1 of `steps`, and so on.",
      inputSchema: {
        steps: z.int().min(0).max(100_000).default(3),
        milliseconds: z.int().min(0).max(60_000).default(0).describe("Between two steps"),
        total: z.boolean().default(true).describe("Whether to tell the total"),
      },
      annotations: READ_ONLY,
    },
    async ({ steps, milliseconds, total }, extra) => {
      for (let step = 0; step <= steps; step++) {
        if (step > 0 && milliseconds > 0) await sleep(milliseconds);
        extra.reportProgress({
          progress: step,
          total: total ? steps : undefined,
          message: `Step ${step} of ${steps}`,
        });
      }
      return `Reported ${steps + 1} times`;
    },
  );
  server.registerTool(
    "misreport-progress",
    {
      description:
        "Reports progress that is not allowed, and tells what the host answered to each report.",
      annotations: READ_ONLY,
    },
    async (extra) => {
      const answers: (string | number)[] = [];
      // The first and the last are allowed.
      for (const progress of [1, 1, 0.5, NaN, Infinity, 2.5]) {
        answers.push(await outcome(() => extra.reportProgress({ progress })));
      }
      return { structuredContent: { answers } };
    },
  );
}
