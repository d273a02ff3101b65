/** A request of a client. */

import type { RequestContext } from "wasi:mcp/context";

import { called } from "./calls.js";

/** Returns a request with the id 7 and a progress token. */
export function context(): RequestContext {
  return {
    getId: () => "7",
    getMeta: () => '{"progressToken":"p","example.org/k":1}',
    getProgressToken: () => '"p"',
    getClient: () => ({
      info: { name: "client", title: null, version: "1", extra: '{"x":1}' },
      capabilities: {
        extra: '{"tasks":{}}',
        experimental: [["e", "{}"]],
        roots: { listChanged: true },
        sampling: "{}",
        elicitation: null,
      },
      protocolVersion: "2025-06-18",
      logLevel: null,
    }),
    clone: context,
    isCancelled: () => false,
    reportProgress: (progress) => called("reportProgress", progress),
  };
}
