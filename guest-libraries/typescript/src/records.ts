/** The tables of the records that this library maps. */

import type { Client, ServerCapabilities } from "wasi:mcp/capabilities";
import type * as bound from "wasi:mcp/content";
import type {
  Implementation as BoundImplementation,
  Principal as BoundPrincipal,
} from "wasi:mcp/types";

import { bytes, json, list, members, record, renamed, same, tagged } from "./codec.js";
import type { Codec } from "./codec.js";
import type * as wire from "./content.js";

const open = { meta: json, extra: json };
const annotations = record({ audience: same, priority: same, lastModified: same });
const block = { annotations, ...open };
const media = { data: bytes, mimeType: same, ...block };
const described = { title: same, description: same, mimeType: same };

const text = record({ text: same, ...block }, "text");
const image = record(media, "image");
const audio = record(media, "audio");
const resourceLink = record(
  { uri: same, name: same, ...described, size: same, ...block },
  "resource_link",
);

const textContents = record({ uri: same, mimeType: same, text: same, ...open });
const blobContents = record({ uri: same, mimeType: same, blob: bytes, ...open });

/** The member `text` or `blob` selects the case. */
const resourceContents: Codec<wire.ResourceContents, bound.ResourceContents> = {
  encode(contents) {
    if ("text" in contents) return { tag: "text", val: textContents.encode(contents) };
    if ("blob" in contents) return { tag: "blob", val: blobContents.encode(contents) };
    throw new TypeError("contents of a resource have `text` or `blob`");
  },
  decode({ tag, val }) {
    return (tag === "text" ? textContents : blobContents).decode(val);
  },
};

const contentBlock = tagged({
  text: ["text", text],
  image: ["image", image],
  audio: ["audio", audio],
  resource_link: ["resource-link", resourceLink],
  resource: ["embedded-resource", record({ resource: resourceContents, ...block }, "resource")],
});

export const implementation: Codec<wire.Implementation, BoundImplementation> = record({
  name: same,
  title: same,
  version: same,
  extra: json,
});

export const tool: Codec<any, bound.Tool> = record({
  name: same,
  title: same,
  description: same,
  inputSchema: json,
  outputSchema: json,
  annotations: record({
    title: same,
    readOnlyHint: same,
    destructiveHint: same,
    idempotentHint: same,
    openWorldHint: same,
  }),
  ...open,
});

export const callToolResult: Codec<wire.CallToolResult, bound.CallToolResult> = record({
  content: list(contentBlock),
  structuredContent: json,
  isError: same,
  ...open,
});

export const resource: Codec<any, bound.Resource> = record({
  uri: same,
  name: same,
  ...described,
  size: same,
  ...block,
});

export const resourceTemplate: Codec<any, bound.ResourceTemplate> = record({
  uriTemplate: same,
  name: same,
  ...described,
  ...block,
});

export const readResourceResult: Codec<wire.ReadResourceResult, bound.ReadResourceResult> = record({
  contents: list(resourceContents),
  ...open,
});

export const prompt: Codec<any, bound.Prompt> = record({
  name: same,
  title: same,
  description: same,
  arguments: list(
    record({ name: same, title: same, description: same, required: same, extra: json }),
  ),
  ...open,
});

export const getPromptResult: Codec<wire.GetPromptResult, bound.GetPromptResult> = record({
  description: same,
  messages: list(record({ role: same, content: contentBlock })),
  ...open,
});

const samplingContent = tagged({
  text: ["text", text],
  image: ["image", image],
  audio: ["audio", audio],
});

export const createMessageParams: Codec<wire.CreateMessageParams, bound.CreateMessageParams> =
  record({
    messages: list(record({ role: same, content: samplingContent })),
    maxTokens: same,
    modelPreferences: record({
      hints: list(record({ name: same })),
      costPriority: same,
      speedPriority: same,
      intelligencePriority: same,
    }),
    systemPrompt: same,
    includeContext: renamed({ thisServer: "this-server", allServers: "all-servers" }),
    temperature: same,
    stopSequences: same,
    metadata: json,
    ...open,
  });

export const createMessageResult: Codec<wire.CreateMessageResult, bound.CreateMessageResult> =
  record({ role: same, content: samplingContent, model: same, stopReason: same, ...open });

const string = record(
  { title: same, description: same, minLength: same, maxLength: same, format: same, extra: json },
  "string",
);
const number = record({
  type: same,
  title: same,
  description: same,
  minimum: same,
  maximum: same,
  extra: json,
});
const boolean = record({ title: same, description: same, default: same, extra: json }, "boolean");
const enumeration = record(
  { title: same, description: same, enum: same, enumNames: same, extra: json },
  "string",
);

/** The member `type` selects the case; `enum` tells an enumeration from text. */
const primitiveSchema: Codec<any, bound.PrimitiveSchema> = {
  encode(schema) {
    switch (schema.type) {
      case "string":
        return "enum" in schema
          ? { tag: "enumeration", val: enumeration.encode(schema) }
          : { tag: "text", val: string.encode(schema) };
      case "number":
      case "integer":
        return { tag: "number", val: number.encode(schema) };
      case "boolean":
        return { tag: "boolean", val: boolean.encode(schema) };
      default:
        return { tag: "other", val: json.encode(schema) };
    }
  },
  decode({ tag, val }) {
    return { text: string, number, boolean, enumeration, other: json }[tag].decode(val);
  },
};

export const elicitParams: Codec<any, bound.ElicitParams> = record({
  message: same,
  requestedSchema: record(
    { properties: members(primitiveSchema), required: same, extra: json },
    "object",
  ),
  ...open,
});

/** A submitted value: the kind of value selects the case. */
const elicitValue: Codec<unknown, bound.ElicitValue> = {
  encode(value) {
    switch (typeof value) {
      case "string":
        return { tag: "text", val: value };
      case "number":
        return { tag: "number", val: value };
      case "boolean":
        return { tag: "boolean", val: value };
      default:
        return { tag: "other", val: json.encode(value) };
    }
  },
  decode({ tag, val }) {
    return tag === "other" ? json.decode(val) : val;
  },
};

export const elicitResult: Codec<any, bound.ElicitResult> = record({
  action: same,
  content: members(elicitValue),
  ...open,
});

export const listRootsResult: Codec<wire.ListRootsResult, bound.ListRootsResult> = record({
  roots: list(record({ uri: same, name: same, ...open })),
  ...open,
});

export const principal: Codec<any, BoundPrincipal> = record({
  issuer: same,
  subject: same,
  clientId: same,
  scopes: same,
  claims: members(json),
});

const listChanged = record({ listChanged: same });

export const serverCapabilities: Codec<any, ServerCapabilities> = record({
  tools: listChanged,
  prompts: listChanged,
  resources: record({ subscribe: same, listChanged: same }),
  completions: json,
  experimental: members(json),
  extra: json,
});

export const client: Codec<any, Client> = record({
  info: implementation,
  capabilities: record({
    roots: listChanged,
    sampling: json,
    elicitation: json,
    experimental: members(json),
    extra: json,
  }),
  protocolVersion: same,
  logLevel: same,
});
