/** A request that is used after its end. */

import { createMessage, listRoots, log } from "@wasi-mcp/guest";
import type { Extra, McpServer } from "@wasi-mcp/guest";

import { state } from "../state.ts";
import { textRequest } from "./client.ts";
import { CHANGING } from "./hints.ts";
import { outcome } from "./outcome.ts";

export function registerLateContextTools(server: McpServer): void {
  server.registerTool(
    "late-context",
    {
      description:
        "Keeps a clone of its context; the next call uses it and tells what the host answered.",
      annotations: CHANGING,
    },
    async (extra) => {
      const { late } = state;
      state.late = extra.clone();
      return { structuredContent: { late: late ? await useLate(late) : null } };
    },
  );
}

async function useLate(late: Extra): Promise<object> {
  return {
    reportProgress: await outcome(() => late.reportProgress({ progress: 1e6 })),
    log: await outcome(() => log(late, "emergency", "too late")),
    createMessage: await outcome(() => createMessage(late, textRequest("Too late?"))),
    listRoots: await outcome(() => listRoots(late)),
    isCancelled: late.isCancelled,
  };
}
