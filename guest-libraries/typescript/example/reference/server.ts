/** An MCP server that uses every feature of the library, with the items of the reference guest. */

import { listRoots } from "@wasi-mcp/guest";
import type { Extra } from "@wasi-mcp/guest";

import { createServer } from "./items.ts";
import { state } from "./state.ts";
import { registerClientTools } from "./tools/client.ts";
import { registerLateContextTools } from "./tools/late-context.ts";
import { registerProgressTools } from "./tools/progress.ts";
import { registerPublicSuiteTools } from "./tools/public-suite.ts";
import { registerWaitingTools } from "./tools/waiting.ts";

const server = createServer();
registerPublicSuiteTools(server);
registerProgressTools(server);
registerClientTools(server);
registerWaitingTools(server);
registerLateContextTools(server);

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
