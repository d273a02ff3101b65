import { McpServer } from "@wasi-mcp/guest";
import * as z from "zod";

const server = new McpServer({ name: "hello", version: "0.1.0" });

server.tool("hello", "Greets somebody.", { name: z.string() }, ({ name }) => `Hello, ${name}!`);

export default server;
