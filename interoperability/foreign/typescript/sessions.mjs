// One transport and one server for each session, as the examples of the SDKs do it. Everything
// about a session that exists, and a first request, is left to the SDK's transport.

import { randomUUID } from "node:crypto";

export function sessions(Transport, createServer) {
  const transports = new Map();
  return async (request, response, body) => {
    const id = request.headers["mcp-session-id"];
    let transport = transports.get(id);
    if (id !== undefined && transport === undefined) {
      const error = { code: -32000, message: "Session not found" };
      response.writeHead(404, { "content-type": "application/json" });
      response.end(JSON.stringify({ jsonrpc: "2.0", error, id: null }));
      return;
    }
    if (transport === undefined) {
      transport = new Transport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => transports.set(id, transport),
      });
      transport.onclose = () => transports.delete(transport.sessionId);
      await createServer().connect(transport);
    }
    await transport.handleRequest(request, response, body);
  };
}
