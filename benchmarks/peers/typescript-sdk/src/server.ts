// A server with one tool on the official TypeScript SDK: over stdio, or with a port over Streamable
// HTTP. A session has a transport and a server of its own, as the SDK's guide to sessions has it.

import { randomUUID } from "node:crypto";
import { createMcpExpressApp } from "@modelcontextprotocol/express";
import { NodeStreamableHTTPServerTransport } from "@modelcontextprotocol/node";
import { isInitializeRequest, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Request, Response } from "express";
import * as z from "zod";

function createServer(): McpServer {
  const server = new McpServer({ name: "hello", version: "0.1.0" });
  server.registerTool(
    "hello",
    { description: "Greets somebody.", inputSchema: z.object({ name: z.string() }) },
    async ({ name }) => ({ content: [{ type: "text", text: `Hello, ${name}!` }] }),
  );
  return server;
}

const transports = new Map<string, NodeStreamableHTTPServerTransport>();

async function openSession(): Promise<NodeStreamableHTTPServerTransport> {
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: (id) => void transports.set(id, transport),
  });
  transport.onclose = () => transports.delete(transport.sessionId ?? "");
  await createServer().connect(transport);
  return transport;
}

async function handle(request: Request, response: Response): Promise<void> {
  const id = request.get("mcp-session-id");
  const isNew = id === undefined && isInitializeRequest(request.body);
  const transport = isNew ? await openSession() : transports.get(id ?? "");
  if (transport === undefined) {
    const error = { code: -32000, message: "no such session" };
    response.status(id === undefined ? 400 : 404).json({ jsonrpc: "2.0", id: null, error });
    return;
  }
  await transport.handleRequest(request, response, request.body);
}

const [port] = process.argv.slice(2);
if (port === undefined) {
  serveStdio(createServer);
} else {
  createMcpExpressApp().all("/mcp", handle).listen(Number(port), "127.0.0.1");
}
