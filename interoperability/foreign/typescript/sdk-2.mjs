// A server made with the official TypeScript SDK's second generation, `@modelcontextprotocol/server`.
//
//     node sdk-2.mjs              over stdio
//     node sdk-2.mjs HOST:PORT    over Streamable HTTP, at /mcp

import { createServer as createHttpServer } from "node:http";
import {
  localhostHostValidation,
  localhostOriginValidation,
  NodeStreamableHTTPServerTransport,
} from "@modelcontextprotocol/node";
import { completable, McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import { createServer } from "./server.mjs";
import { sessions } from "./sessions.mjs";

const SDK = {
  McpServer,
  ResourceTemplate,
  completable,
  shape: z.object,
  client: (_, { mcpReq }) => ({
    progressToken: mcpReq._meta?.progressToken,
    notify: mcpReq.notify,
    log: mcpReq.log,
    sample: mcpReq.requestSampling,
    elicit: mcpReq.elicitInput,
  }),
  subscriptions: (server, subscribed) => {
    server.server.setRequestHandler("resources/subscribe", ({ params }) => {
      subscribed.add(params.uri);
      return {};
    });
    server.server.setRequestHandler("resources/unsubscribe", ({ params }) => {
      subscribed.delete(params.uri);
      return {};
    });
  },
};

const [address] = process.argv.slice(2);
if (address === undefined) {
  serveStdio(() => createServer(SDK));
} else {
  const { hostname, port } = new URL(`http://${address}`);
  const isHost = localhostHostValidation();
  const isOrigin = localhostOriginValidation();
  const handle = sessions(NodeStreamableHTTPServerTransport, () => createServer(SDK));
  createHttpServer(async (request, response) => {
    if (isHost(request, response) && isOrigin(request, response)) {
      await handle(request, response);
    }
  }).listen(Number(port), hostname);
}
