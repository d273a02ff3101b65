/** The request, its progress and its end. */

import { createMessage, getPrincipal, listRoots, log, RequestError, sleep } from "@wasi-mcp/guest";
import type { Extra, McpServer } from "@wasi-mcp/guest";
import * as z from "zod";

import { state } from "../state.ts";
import { textRequest } from "./client.ts";
import { CHANGING, READ_ONLY } from "./hints.ts";

/** The interval between two polls for cancellation, in milliseconds. */
const CANCELLATION_POLL_INTERVAL = 5;

export function registerContextTools(server: McpServer): void {
  server.registerTool(
    "describe-request",
    {
      description:
        "Tells the request's id, `_meta`, progress token, client and further members; hands `_meta` back without the token.",
      annotations: READ_ONLY,
    },
    (extra) => {
      state.calls++;
      const { progressToken: _, ...meta } = extra._meta ?? {};
      const { client } = extra;
      return {
        structuredContent: {
          id: extra.requestId ?? null,
          meta: extra._meta ?? null,
          progressToken: extra.progressToken ?? null,
          client: { ...client, ...client.capabilities },
          cancelled: extra.isCancelled,
          extra: extra.params,
        },
        _meta: meta,
      };
    },
  );
  server.registerTool(
    "describe-instance",
    {
      description: "Tells what this instance has seen: subscriptions, cancellations, client events.",
      annotations: READ_ONLY,
    },
    () => ({
      structuredContent: {
        calls: state.calls,
        watchedVersion: state.watchedVersion,
        subscriptions: [...state.subscriptions],
        cancellations: state.cancellations,
        initialized: state.initialized,
        rootsChanged: state.rootsChanged,
        roots: state.roots.map(({ uri }) => uri),
      },
    }),
  );
  server.registerTool(
    "whoami",
    {
      description: "Tells who makes the request: the claims of the access token that the host shows.",
      annotations: READ_ONLY,
    },
    (extra) => ({ structuredContent: { principal: getPrincipal(extra) ?? null } }),
  );
  registerProgressTools(server);
  registerWaitingTools(server);
  server.registerTool(
    "late-context",
    {
      description: "Keeps a clone of its context; the next call uses it and tells what the host answered.",
      annotations: CHANGING,
    },
    async (extra) => {
      const { late } = state;
      state.late = extra.clone();
      return { structuredContent: { late: late ? await useLate(late) : null } };
    },
  );
}

function registerProgressTools(server: McpServer): void {
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
      description: "Reports progress that is not allowed, and tells what the host answered to each report.",
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

function registerWaitingTools(server: McpServer): void {
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
      description: "Waits until the request is cancelled; `describe-instance` then shows the cancellation.",
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

async function useLate(late: Extra): Promise<object> {
  return {
    reportProgress: await outcome(() => late.reportProgress({ progress: 1e6 })),
    log: await outcome(() => log(late, "emergency", "too late")),
    createMessage: await outcome(() => createMessage(late, textRequest("Too late?"))),
    listRoots: await outcome(() => listRoots(late)),
    isCancelled: late.isCancelled,
  };
}

/** Returns the code of the error, or `ok`. */
async function outcome(call: () => unknown): Promise<string | number> {
  try {
    await call();
    return "ok";
  } catch (error) {
    if (error instanceof RequestError) return error.code;
    throw error;
  }
}
