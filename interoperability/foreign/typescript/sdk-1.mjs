// A server made with the official TypeScript SDK's first generation, `@modelcontextprotocol/sdk`.
//
//     node sdk-1.mjs              over stdio
//     node sdk-1.mjs HOST:PORT    over Streamable HTTP, at /mcp

import { completable } from "@modelcontextprotocol/sdk/server/completable.js";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { SubscribeRequestSchema, UnsubscribeRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { createServer } from "./server.mjs";
import { sessions } from "./sessions.mjs";

const SDK = {
  McpServer,
  ResourceTemplate,
  completable,
  shape: (members) => members,
  client: (server, { _meta, sendNotification, sessionId }) => ({
    progressToken: _meta?.progressToken,
    notify: sendNotification,
    log: (level, data) => server.sendLoggingMessage({ level, data }, sessionId),
    sample: (params) => server.server.createMessage(params),
    elicit: (params) => server.server.elicitInput(params),
  }),
  subscriptions: (server, subscribed) => {
    server.server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
      subscribed.add(params.uri);
      return {};
    });
    server.server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
      subscribed.delete(params.uri);
      return {};
    });
  },
};

const [address] = process.argv.slice(2);
if (address === undefined) {
  await createServer(SDK).connect(new StdioServerTransport());
} else {
  const { hostname, port } = new URL(`http://${address}`);
  const handle = sessions(StreamableHTTPServerTransport, () => createServer(SDK));
  const app = createMcpExpressApp({ host: hostname });
  app.all("/mcp", (request, response) => handle(request, response, request.body));
  app.listen(Number(port), hostname);
}
