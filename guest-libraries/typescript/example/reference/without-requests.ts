/**
 * The part of the example that imports nothing asynchronous: the engine of npm runs it in WASI 0.3.
 */

import { createServer } from "./items.ts";
import { state } from "./state.ts";

const server = createServer();

server.onClientEvent({
  initialized: () => void state.initialized++,
  rootsChanged: () => void state.rootsChanged++,
});

export default server;
