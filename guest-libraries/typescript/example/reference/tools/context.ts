/** The request and its instance, as a handler sees them. */

import { getPrincipal } from "@wasi-mcp/guest";
import type { McpServer } from "@wasi-mcp/guest";

import { state } from "../state.ts";
import { READ_ONLY } from "./hints.ts";

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
      description:
        "Tells what this instance has seen: subscriptions, cancellations, client events.",
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
      description:
        "Tells who makes the request: the claims of the access token that the host shows.",
      annotations: READ_ONLY,
    },
    (extra) => ({ structuredContent: { principal: getPrincipal(extra) ?? null } }),
  );
}
