/** The resources and their templates. */

import { McpError, ErrorCode, ResourceTemplate } from "@wasi-mcp/guest";
import type { McpServer } from "@wasi-mcp/guest";

import { ANNOTATIONS, EXTRA, META, PIXEL } from "./samples.ts";
import { state } from "./state.ts";

/** The resource that `touch-resource` changes. */
export const WATCHED = "test://watched-resource";
/** A sub-resource of it, of a template. */
export const WATCHED_PART = "test://watched-resource/part";

const DESCRIBED_TEXT = "A resource of which everything is told.";
/** The number of numbered resources: enough to fill more than one page. */
const NUMBERED = 120;
/** One more than the greatest number of the template of integers. */
const INTEGERS_END = 1000;
/** The number of lines of the streamed resource. */
const STREAMED_LINES = 1000;
const BINARY_MAXIMUM = 1 << 20;

export function registerResources(server: McpServer): void {
  const plain = (name: string, description: string, text: string | (() => string)): void => {
    server.registerResource(name, `test://${name}`, { description, mimeType: "text/plain" }, () =>
      typeof text === "string" ? text : text(),
    );
  };
  plain("static-text", "A text.", "This is the content of the static text resource.");
  server.registerResource(
    "static-binary",
    "test://static-binary",
    { description: "An image.", mimeType: "image/png" },
    (uri) => ({ contents: [{ uri, mimeType: "image/png", blob: PIXEL }] }),
  );
  plain("watched-resource", "Changes with `touch-resource`.", version);
  // Every optional member of a resource.
  server.registerResource(
    "described",
    "test://described",
    {
      title: "A described resource",
      description: "Has every member.",
      mimeType: "text/plain",
      size: DESCRIBED_TEXT.length,
      annotations: ANNOTATIONS,
      _meta: META,
      ...EXTRA,
    },
    () => DESCRIBED_TEXT,
  );
  server.registerResource(
    "folder",
    "test://folder",
    { description: "Reads as several contents.", mimeType: "inode/directory" },
    () => ({
      contents: [
        { uri: "test://folder/text", mimeType: "text/plain", text: "In the folder." },
        { uri: "test://folder/image", mimeType: "image/png", blob: PIXEL },
      ],
    }),
  );
  server.registerResource(
    "failing",
    "test://failing",
    { description: "Cannot be read.", mimeType: "text/plain" },
    () => {
      throw new McpError(ErrorCode.InternalError, "The resource cannot be read");
    },
  );
  plain(
    "embedded-resource",
    "Also embedded in a tool's result.",
    "This is an embedded resource content.",
  );
  server.registerResource(
    "mixed-content-resource",
    "test://mixed-content-resource",
    { description: "Also embedded in a tool's result.", mimeType: "application/json" },
    () => '{"test":"data","value":123}',
  );
  plain("example-resource", "Also embedded in a prompt.", "Embedded resource content for testing.");
  for (let number = 1; number <= NUMBERED; number++) {
    server.registerResource(
      `numbered-${number}`,
      `test://numbered/${number}`,
      { description: "One of many.", mimeType: "text/plain" },
      () => `Number ${number}`,
    );
  }
  server.registerResource(
    "streamed",
    "test://streamed",
    { description: "A text in pieces, streamed in WASI 0.3.", mimeType: "text/plain" },
    async function* () {
      for (let line = 1; line <= STREAMED_LINES; line++) yield `Line ${line}\n`;
    },
  );
  registerTemplates(server);
}

function version(): string {
  return `Version ${state.watchedVersion}`;
}

function registerTemplates(server: McpServer): void {
  server.registerResource(
    "data",
    new ResourceTemplate("test://template/{id}/data", {
      complete: { id: (value) => ["1", "12", "123"].filter((it) => it.startsWith(value)) },
    }),
    { description: "Data for an id.", mimeType: "application/json" },
    (_, { id }) => JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
  );
  // Every optional member of a template.
  server.registerResource(
    "integers",
    new ResourceTemplate("test://integers/{integer}", {
      complete: {
        integer: (value) =>
          Array.from({ length: INTEGERS_END }, (_, it) => String(it)).filter((it) =>
            it.startsWith(value),
          ),
      },
    }),
    {
      title: "Integers",
      description: "An integer from 0 to 999.",
      mimeType: "text/plain",
      annotations: ANNOTATIONS,
      _meta: META,
      ...EXTRA,
    },
    (_, { integer }) => (within(integer, INTEGERS_END - 1) ? String(Number(integer)) : undefined),
  );
  server.registerResource(
    "binary",
    new ResourceTemplate("test://binary/{bytes}"),
    {
      description: "As many zero bytes as the URI says, at most 1048576.",
      mimeType: "application/octet-stream",
    },
    (_, { bytes }) => (within(bytes, BINARY_MAXIMUM) ? new Uint8Array(Number(bytes)) : undefined),
  );
  server.registerResource(
    "watched-part",
    new ResourceTemplate("test://watched-resource/{part}"),
    { description: "A part of the watched resource.", mimeType: "text/plain" },
    (_, { part }) => `${version()} of ${part}`,
  );
}

function within(digits: string | undefined, maximum: number): boolean {
  return digits !== undefined && /^\d{1,7}$/.test(digits) && Number(digits) <= maximum;
}
