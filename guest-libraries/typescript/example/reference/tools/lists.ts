/** Tools that change the lists, and the watched resource. */

import { ResourceTemplate } from "@wasi-mcp/guest";
import type { McpServer, Registered } from "@wasi-mcp/guest";
import * as z from "zod";

import { WATCHED, WATCHED_PART } from "../resources.ts";
import { state } from "../state.ts";
import { reported } from "./client.ts";
import { CHANGING, READ_ONLY } from "./hints.ts";

/** The items that `add-entries` has added. */
let added: Registered[] = [];

export function registerListTools(server: McpServer): void {
  server.registerTool(
    "add-entries",
    {
      description: "Lists one more tool, resource, resource template and prompt.",
      annotations: CHANGING,
    },
    () =>
      reported(async () => {
        if (added.length === 0) added = add(server);
        return { content: [{ type: "text", text: "Added" }] };
      }),
  );
  server.registerTool(
    "remove-entries",
    { description: "Withdraws the entries that `add-entries` added.", annotations: CHANGING },
    () =>
      reported(async () => {
        for (const item of added) item.remove();
        added = [];
        return { content: [{ type: "text", text: "Removed" }] };
      }),
  );
  server.registerTool(
    "touch-resource",
    {
      description:
        "Changes the watched resource, or with `part` a sub-resource of it, and tells subscribers.",
      inputSchema: { part: z.boolean().default(false) },
      annotations: CHANGING,
    },
    ({ part }) => {
      state.watchedVersion++;
      server.sendResourceUpdated({ uri: WATCHED, part: part ? WATCHED_PART : undefined });
      return `Version ${state.watchedVersion}`;
    },
  );
}

function add(server: McpServer): Registered[] {
  const description = "Is listed after `add-entries`.";
  return [
    server.registerTool("added-tool", { description, annotations: READ_ONLY }, () => "I was added"),
    server.registerResource(
      "added",
      "test://added",
      { description, mimeType: "text/plain" },
      () => "I was added",
    ),
    server.registerResource(
      "added",
      new ResourceTemplate("test://added/{name}"),
      { description },
      (_, { name }) => `Added ${name}`,
    ),
    server.registerPrompt("added-prompt", { description }, () => "I was added"),
  ];
}
