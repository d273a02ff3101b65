/** The tools that MCP's public conformance suite requires of a server, under its names. */

import { createMessage, elicit, log, sleep } from "@wasi-mcp/guest";
import type { McpServer } from "@wasi-mcp/guest";
import * as z from "zod";

import { AUDIO, embedded, IMAGE, text } from "../samples.ts";
import { describe, reported, textRequest } from "./client.ts";
import { READ_ONLY } from "./hints.ts";

/** The pause between two steps of a tool that works for a while, in milliseconds. */
const STEP = 50;

export function registerPublicSuiteTools(server: McpServer): void {
  const config = (description: string) => ({ description, annotations: READ_ONLY });
  server.registerTool(
    "test_simple_text",
    config("Answers with a text."),
    () => "This is a simple text response for testing.",
  );
  server.registerTool("test_image_content", config("Answers with an image."), () => ({
    content: [IMAGE],
  }));
  server.registerTool("test_audio_content", config("Answers with a sound."), () => ({
    content: [AUDIO],
  }));
  server.registerTool(
    "test_embedded_resource",
    config("Answers with an embedded resource."),
    () => ({
      content: [
        embedded("test://embedded-resource", "text/plain", "This is an embedded resource content."),
      ],
    }),
  );
  server.registerTool(
    "test_multiple_content_types",
    config("Answers with a text, an image and an embedded resource."),
    () => ({
      content: [
        text("Multiple content types test:"),
        IMAGE,
        embedded(
          "test://mixed-content-resource",
          "application/json",
          '{"test":"data","value":123}',
        ),
      ],
    }),
  );
  server.registerTool("test_error_handling", config("Answers with a failure of the tool."), () => {
    throw new Error("This tool intentionally returns an error for testing");
  });
  server.registerTool(
    "test_tool_with_logging",
    config("Logs three messages, some time apart."),
    async (extra) => {
      log(extra, "info", "Tool execution started");
      await sleep(STEP);
      log(extra, "info", "Tool processing data");
      await sleep(STEP);
      log(extra, "info", "Tool execution completed");
      return "Logged three messages";
    },
  );
  server.registerTool(
    "test_tool_with_progress",
    config("Reports progress three times, some time apart."),
    async (extra) => {
      for (const progress of [0, 50, 100]) {
        if (progress > 0) await sleep(STEP);
        extra.reportProgress({ progress, total: 100 });
      }
      return "Reported three times";
    },
  );
  server.registerTool(
    "test_sampling",
    { ...config("Asks the client's model."), inputSchema: { prompt: z.string() } },
    ({ prompt }, extra) =>
      reported(async () => {
        const { content } = await createMessage(extra, textRequest(prompt));
        const words = content.type === "text" ? content.text : JSON.stringify(describe(content));
        return { content: [text(`LLM response: ${words}`)] };
      }),
  );
  server.registerTool(
    "test_elicitation",
    { ...config("Asks the user for a name and an address."), inputSchema: { message: z.string() } },
    ({ message }, extra) =>
      reported(async () => {
        const answer = await elicit(extra, {
          message,
          requestedSchema: {
            username: z.string().describe("The user's name"),
            email: z.string().describe("The user's address"),
          },
        });
        const { action, content } = answer;
        return { content: [text(`User response: ${JSON.stringify({ action, content })}`)] };
      }),
  );
}
