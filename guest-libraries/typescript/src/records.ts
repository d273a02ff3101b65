/** The tables of the records that this library maps. */

import type { Client, Server } from "wasi:mcp/capabilities";
import type * as bound from "wasi:mcp/content";
import type {
  Implementation as BoundImplementation,
  Principal as BoundPrincipal,
} from "wasi:mcp/types";

import {
  boolean,
  bytes,
  json,
  list,
  members,
  mismatch,
  number,
  oneOf,
  OPEN,
  optional,
  record,
  renamed,
  string,
  tagged,
  u32,
} from "./codec.js";
import type { Codec } from "./codec.js";
import type * as wire from "./content.js";

const extra = optional(json);
const role = oneOf("user", "assistant");

const annotations = record({
  audience: optional(list(role)),
  priority: optional(number),
  lastModified: optional(string),
});

/** The members that the kinds of content share. */
const BLOCK = { annotations: optional(annotations), ...OPEN };
/** The members that listed items share. */
const NAMED = { name: string, title: optional(string), description: optional(string) };

const text = record({ text: string, ...BLOCK }, "text");
const image = record({ data: bytes, mimeType: string, ...BLOCK }, "image");
const audio = record({ data: bytes, mimeType: string, ...BLOCK }, "audio");

/** The members of a resource, and of a link to one. */
const RESOURCE = {
  uri: string,
  ...NAMED,
  mimeType: optional(string),
  size: optional(number),
  ...BLOCK,
};

const textContents = record({ uri: string, mimeType: optional(string), text: string, ...OPEN });
const blobContents = record({ uri: string, mimeType: optional(string), blob: bytes, ...OPEN });

/** The member `text` or `blob` selects the case. */
const resourceContents: Codec<wire.ResourceContents, bound.ResourceContents> = {
  encode(contents, place) {
    if (typeof contents === "object" && contents !== null) {
      if ("text" in contents) return { tag: "text", val: textContents.encode(contents, place) };
      if ("blob" in contents) return { tag: "blob", val: blobContents.encode(contents, place) };
    }
    return mismatch(place, "an object with `text` or `blob`", contents);
  },
  decode({ tag, val }) {
    return (tag === "text" ? textContents : blobContents).decode(val);
  },
};

const contentBlock = tagged({
  text: ["text", text],
  image: ["image", image],
  audio: ["audio", audio],
  resource_link: ["resource-link", record(RESOURCE, "resource_link")],
  resource: ["embedded-resource", record({ resource: resourceContents, ...BLOCK }, "resource")],
});

export const implementation: Codec<wire.Implementation, BoundImplementation> = record({
  name: string,
  title: optional(string),
  version: string,
  extra,
});

export const tool: Codec<any, bound.Tool> = record({
  ...NAMED,
  inputSchema: json,
  outputSchema: optional(json),
  annotations: optional(
    record({
      title: optional(string),
      readOnlyHint: optional(boolean),
      destructiveHint: optional(boolean),
      idempotentHint: optional(boolean),
      openWorldHint: optional(boolean),
    }),
  ),
  ...OPEN,
});

export const callToolResult: Codec<wire.CallToolResult, bound.CallToolResult> = record({
  content: list(contentBlock),
  structuredContent: optional(json),
  isError: optional(boolean),
  ...OPEN,
});

export const resource: Codec<any, bound.Resource> = record(RESOURCE);

export const resourceTemplate: Codec<any, bound.ResourceTemplate> = record({
  uriTemplate: string,
  ...NAMED,
  mimeType: optional(string),
  ...BLOCK,
});

export const readResourceResult: Codec<wire.ReadResourceResult, bound.ReadResourceResult> = record({
  contents: list(resourceContents),
  ...OPEN,
});

export const prompt: Codec<any, bound.Prompt> = record({
  ...NAMED,
  arguments: optional(list(record({ ...NAMED, required: optional(boolean), extra }))),
  ...OPEN,
});

export const getPromptResult: Codec<wire.GetPromptResult, bound.GetPromptResult> = record({
  description: optional(string),
  messages: list(record({ role, content: contentBlock })),
  ...OPEN,
});

const samplingContent = tagged({
  text: ["text", text],
  image: ["image", image],
  audio: ["audio", audio],
});

export const createMessageParams: Codec<wire.CreateMessageParams, bound.CreateMessageParams> =
  record({
    messages: list(record({ role, content: samplingContent })),
    maxTokens: u32,
    modelPreferences: optional(
      record({
        hints: optional(list(record({ name: optional(string) }))),
        costPriority: optional(number),
        speedPriority: optional(number),
        intelligencePriority: optional(number),
      }),
    ),
    systemPrompt: optional(string),
    includeContext: optional(
      renamed({ none: "none", thisServer: "this-server", allServers: "all-servers" }),
    ),
    temperature: optional(number),
    stopSequences: optional(list(string)),
    metadata: optional(json),
    ...OPEN,
  });

export const createMessageResult: Codec<wire.CreateMessageResult, bound.CreateMessageResult> =
  record({ role, content: samplingContent, model: string, stopReason: optional(string), ...OPEN });

/** The members that the fields of a form share. */
const FIELD = { title: optional(string), description: optional(string), extra };

const textField = record(
  {
    ...FIELD,
    minLength: optional(u32),
    maxLength: optional(u32),
    format: optional(oneOf("email", "uri", "date", "date-time")),
  },
  "string",
);
const numberField = record({
  ...FIELD,
  type: oneOf("number", "integer"),
  minimum: optional(number),
  maximum: optional(number),
});
const booleanField = record({ ...FIELD, default: optional(boolean) }, "boolean");
const choiceField = record(
  { ...FIELD, enum: list(string), enumNames: optional(list(string)) },
  "string",
);

/** The member `type` selects the case; `enum` tells a choice from text. */
const formField: Codec<any, bound.PrimitiveSchema> = {
  encode(field, place) {
    switch (field?.type) {
      case "string":
        return "enum" in field
          ? { tag: "enumeration", val: choiceField.encode(field, place) }
          : { tag: "text", val: textField.encode(field, place) };
      case "number":
      case "integer":
        return { tag: "number", val: numberField.encode(field, place) };
      case "boolean":
        return { tag: "boolean", val: booleanField.encode(field, place) };
      default:
        return { tag: "other", val: json.encode(field, place) };
    }
  },
  decode({ tag, val }) {
    const cases = {
      text: textField,
      number: numberField,
      boolean: booleanField,
      enumeration: choiceField,
      other: json,
    };
    return cases[tag].decode(val);
  },
};

export const elicitParams: Codec<any, bound.ElicitParams> = record({
  message: string,
  requestedSchema: record(
    { properties: members(formField), required: optional(list(string)), extra },
    "object",
  ),
  ...OPEN,
});

/** A submitted value: the kind of value selects the case. */
const elicitValue: Codec<unknown, bound.ElicitValue> = {
  encode(value, place) {
    switch (typeof value) {
      case "string":
        return { tag: "text", val: value };
      case "number":
        return { tag: "number", val: value };
      case "boolean":
        return { tag: "boolean", val: value };
      default:
        return { tag: "other", val: json.encode(value, place) };
    }
  },
  decode({ tag, val }) {
    return tag === "other" ? json.decode(val) : val;
  },
};

export const elicitResult: Codec<any, bound.ElicitResult> = record({
  action: oneOf("accept", "decline", "cancel"),
  content: optional(members(elicitValue)),
  ...OPEN,
});

export const listRootsResult: Codec<wire.ListRootsResult, bound.ListRootsResult> = record({
  roots: list(record({ uri: string, name: optional(string), ...OPEN })),
  ...OPEN,
});

export const principal: Codec<any, BoundPrincipal> = record({
  issuer: string,
  subject: optional(string),
  clientId: optional(string),
  scopes: list(string),
  claims: members(json),
});

const listChanged = record({ listChanged: optional(boolean) });

export const server: Codec<any, Server> = record({
  info: implementation,
  capabilities: record({
    tools: optional(listChanged),
    prompts: optional(listChanged),
    resources: optional(record({ subscribe: optional(boolean), listChanged: optional(boolean) })),
    completions: optional(json),
    experimental: optional(members(json)),
    extra,
  }),
  instructions: optional(string),
});

/** The levels of RFC 5424. */
export const logLevel: Codec = oneOf(
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
);

export const progress: Codec<any, bound.Progress> = record({
  progress: number,
  total: optional(number),
  message: optional(string),
});

export const client: Codec<any, Client> = record({
  info: optional(implementation),
  capabilities: record({
    roots: optional(listChanged),
    sampling: optional(json),
    elicitation: optional(json),
    experimental: optional(members(json)),
    extra,
  }),
  protocolVersion: string,
  logLevel: optional(logLevel),
});
