/** The prompts, and completion of their arguments. */

import { completable, ErrorCode, McpError } from "@wasi-mcp/guest";
import type { McpServer, PromptMessage } from "@wasi-mcp/guest";
import * as z from "zod";

import { embedded, everyKind, EXTRA, IMAGE, META, text } from "./samples.ts";

const CITIES: Record<string, string[]> = {
  France: ["Lyon", "Marseille", "Paris"],
  Germany: ["Berlin", "Hamburg", "Leipzig"],
  Japan: ["Kyoto", "Osaka", "Tokyo"],
};

function beginning(values: string[], typed: string): string[] {
  return values.filter((it) => it.startsWith(typed));
}

function user(content: PromptMessage["content"]): PromptMessage {
  return { role: "user", content };
}

export function registerPrompts(server: McpServer): void {
  server.registerPrompt(
    "test_simple_prompt",
    { description: "A text." },
    () => "This is a simple prompt for testing.",
  );
  const values = (typed: string) => beginning(["test", "testing", "value"], typed);
  server.registerPrompt(
    "test_prompt_with_arguments",
    {
      description: "A text with two arguments in it.",
      argsSchema: {
        arg1: completable(z.string().describe("The first argument."), values),
        arg2: completable(z.string().describe("The second argument."), values),
      },
    },
    ({ arg1, arg2 }) => `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`,
  );
  // An argument without a schema.
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    {
      description: "A resource and a text.",
      argsSchema: {
        resourceUri: completable({ description: "The resource to embed." }, (typed) =>
          beginning(["test://example-resource"], typed),
        ),
      },
    },
    ({ resourceUri }) => ({
      messages: [
        user(embedded(resourceUri, "text/plain", "Embedded resource content for testing.")),
        user(text("Please process the embedded resource above.")),
      ],
    }),
  );
  server.registerPrompt("test_prompt_with_image", { description: "An image and a text." }, () => ({
    messages: [user(IMAGE), user(text("Please analyze the image above."))],
  }));
  registerJourney(server);
  server.registerPrompt(
    "every-content-kind",
    { description: "One message for each kind of content, from user and assistant in turn." },
    () => ({
      messages: everyKind().map((content, index) => ({
        role: index % 2 === 0 ? "user" : "assistant",
        content,
      })),
    }),
  );
  const fail = (message: string): never => {
    throw new McpError(ErrorCode.InternalError, message);
  };
  server.registerPrompt(
    "failing",
    {
      description: "Fails where it is given its argument, which cannot be completed either.",
      argsSchema: {
        subject: completable({ description: "What it is about.", required: false }, () =>
          fail("The argument cannot be completed"),
        ),
      },
    },
    ({ subject }) =>
      subject === undefined ? "Say nothing of a subject." : fail("The prompt cannot be had"),
  );
}

/** Every optional member of a prompt, and arguments whose proposals depend on each other. */
function registerJourney(server: McpServer): void {
  server.registerPrompt(
    "journey",
    {
      title: "Plan a journey",
      description: "Plans a journey.",
      argsSchema: {
        country: completable({ title: "Country", description: "Where to go.", ...EXTRA }, (typed) =>
          beginning(Object.keys(CITIES), typed),
        ),
        city: completable(z.string().describe("Where to stay."), (typed, { arguments: known }) => {
          const chosen = known?.["country"];
          const cities =
            chosen === undefined ? Object.values(CITIES).flat() : (CITIES[chosen] ?? []);
          return beginning(cities, typed);
        }),
        days: z.string().optional().describe("For how long."),
      },
      _meta: META,
      ...EXTRA,
    },
    ({ country, city, days }) => ({
      messages: [user(text(`Plan ${days ?? "three"} days in ${city}, ${country}.`))],
      _meta: META,
      ...EXTRA,
    }),
  );
}
