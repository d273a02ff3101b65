/** The items that need no request to the client and no clock. */

import { McpServer } from "@wasi-mcp/guest";

import { registerPrompts } from "./prompts.ts";
import { registerResources } from "./resources.ts";
import { state } from "./state.ts";
import { registerContentTools } from "./tools/content.ts";
import { registerContextTools } from "./tools/context.ts";
import { registerListTools } from "./tools/lists.ts";
import { registerLogTools } from "./tools/logs.ts";

/** Returns a server with these items. */
export function createServer(): McpServer {
  const server = new McpServer(
    {
      name: "wasi-mcp-reference-typescript",
      title: "Reference guest of wasi:mcp in TypeScript",
      version: "0.1.0",
      websiteUrl: "https://github.com/WebAssembly/wasi-mcp",
    },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        experimental: { "example.org/reference": {} },
      },
      instructions: "Call `echo` first; every other tool shows one more feature.",
    },
  );
  registerContentTools(server);
  registerContextTools(server);
  registerLogTools(server);
  registerResources(server);
  registerPrompts(server);
  registerListTools(server);
  server.onSubscription({
    subscribe: (uri) => void state.subscriptions.add(uri),
    unsubscribe: (uri) => void state.subscriptions.delete(uri),
  });
  return server;
}
