/** An MCP server that uses every feature of the library, with the items of the reference guest. */

import { listRoots, McpServer } from "@wasi-mcp/guest";
import type { Extra } from "@wasi-mcp/guest";

import { registerPrompts } from "./prompts.ts";
import { registerResources } from "./resources.ts";
import { state } from "./state.ts";
import { registerClientTools } from "./tools/client.ts";
import { registerContentTools } from "./tools/content.ts";
import { registerContextTools } from "./tools/context.ts";
import { registerListTools } from "./tools/lists.ts";
import { registerLogTools } from "./tools/logs.ts";
import { registerPublicSuiteTools } from "./tools/public-suite.ts";

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
registerPublicSuiteTools(server);
registerContextTools(server);
registerLogTools(server);
registerClientTools(server);
registerResources(server);
registerPrompts(server);
registerListTools(server);

server.onSubscription({
  subscribe: (uri) => void state.subscriptions.add(uri),
  unsubscribe: (uri) => void state.subscriptions.delete(uri),
});

server.onClientEvent({
  async initialized(extra) {
    state.initialized++;
    await learnRoots(extra);
  },
  async rootsChanged(extra) {
    state.rootsChanged++;
    await learnRoots(extra);
  },
});

/** Requests the roots, like a server that depends on them. */
async function learnRoots(extra: Extra): Promise<void> {
  if (!extra.client.capabilities.roots) return;
  state.roots = (await listRoots(extra)).roots;
}

export default server;
