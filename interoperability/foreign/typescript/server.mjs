// What the servers of both generations of the official TypeScript SDK offer; how each SDK is used
// stands in sdk-1.mjs and sdk-2.mjs.

import { z } from "zod";

const NOTE = "note://counted";
const LANGUAGES = ["python", "rust", "typescript"];
const text = (value) => ({ content: [{ type: "text", text: value }] });

export function createServer({ McpServer, ResourceTemplate, completable, shape, client, subscriptions }) {
  const server = new McpServer(
    { name: "foreign-typescript", version: "1.0.0" },
    { capabilities: { logging: {}, resources: { subscribe: true } } },
  );
  const subscribed = new Set();
  let counted = 0;

  server.registerTool(
    "add",
    {
      description: "Adds two numbers",
      inputSchema: shape({ a: z.number(), b: z.number() }),
      outputSchema: shape({ sum: z.number() }),
    },
    async ({ a, b }) => ({ ...text(JSON.stringify({ sum: a + b })), structuredContent: { sum: a + b } }),
  );
  server.registerTool("fail", { description: "Fails always" }, async () => {
    throw new Error("this tool fails always");
  });
  server.registerTool(
    "count",
    { description: "Counts to ten in a second, with progress, and changes a resource" },
    async (context) => {
      const { progressToken, notify } = client(server, context);
      for (let step = 1; step <= 10; step += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        if (progressToken !== undefined) {
          const params = { progressToken, progress: step, total: 10, message: `step ${step}` };
          await notify({ method: "notifications/progress", params });
        }
      }
      counted += 1;
      if (subscribed.has(NOTE)) {
        await server.server.sendResourceUpdated({ uri: NOTE });
      }
      return text(`counted ${counted} times`);
    },
  );
  server.registerTool("write_log", { description: "Logs at three levels" }, async (context) => {
    for (const level of ["debug", "info", "error"]) {
      await client(server, context).log(level, "a message");
    }
    return text("logged");
  });
  server.registerTool("sample", { description: "Asks the client's model" }, async (context) => {
    const messages = [{ role: "user", content: { type: "text", text: "What is the time?" } }];
    const answer = await client(server, context).sample({ messages, maxTokens: 100 });
    return text(answer.model);
  });
  server.registerTool("greet", { description: "Asks the user for a name" }, async (context) => {
    const requestedSchema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
    const answer = await client(server, context).elicit({ message: "What is your name?", requestedSchema });
    return text(answer.action === "accept" ? `Hello, ${answer.content.name}` : "Hello");
  });
  server.registerTool("list_roots", { description: "Counts the client's roots" }, async () => {
    const { roots } = await server.server.listRoots();
    return text(`${roots.length} roots`);
  });

  server.registerResource("note", NOTE, { mimeType: "text/plain" }, async (uri) => ({
    contents: [{ uri: uri.href, mimeType: "text/plain", text: `counted ${counted} times` }],
  }));
  server.registerResource(
    "greeting",
    new ResourceTemplate("greeting://{name}", { list: undefined }),
    { mimeType: "text/plain" },
    async (uri, { name }) => ({
      contents: [{ uri: uri.href, mimeType: "text/plain", text: `Hello, ${name}` }],
    }),
  );
  subscriptions(server, subscribed);

  const matching = (value) => LANGUAGES.filter((language) => language.startsWith(value ?? ""));
  server.registerPrompt(
    "review",
    {
      description: "Asks to review code",
      argsSchema: shape({ code: z.string(), language: completable(z.string(), matching).optional() }),
    },
    ({ code, language }) => ({
      messages: [{ role: "user", content: { type: "text", text: `Review this ${language}: ${code}` } }],
    }),
  );
  return server;
}
