/** MCP's objects as they are on the wire, except that binary data may be bytes. */

import type { JsonObject, JsonText } from "./json.js";

/** The sender of a message, or the audience of a piece of content. */
export type Role = "user" | "assistant";

/** `_meta`: one JSON object. */
export type Meta = JsonObject | JsonText;

/** Bytes, or base64 text as in the official SDK. Received data are bytes. */
export type Binary = Uint8Array | string;

/** Hints to the client on how to use or show an item. */
export interface Annotations {
  audience?: Role[];
  /** From 0 (optional) to 1 (required). */
  priority?: number;
  /** Date and time in ISO 8601, such as `2025-01-12T15:00:58Z`. */
  lastModified?: string;
}

/** Members that most objects share. Further members are passed on. */
interface Common {
  annotations?: Annotations;
  _meta?: Meta;
  [member: string]: unknown;
}

/** Text for a person or a model. */
export interface TextContent extends Common {
  type: "text";
  text: string;
}

/** An image. */
export interface ImageContent extends Common {
  type: "image";
  data: Binary;
  mimeType: string;
}

/** A piece of audio. */
export interface AudioContent extends Common {
  type: "audio";
  data: Binary;
  mimeType: string;
}

/** A link to a resource that the client may read. */
export interface ResourceLink extends Common {
  type: "resource_link";
  uri: string;
  name: string;
  title?: string;
  description?: string;
  mimeType?: string;
  size?: number;
}

/** Text contents of a resource. */
export interface TextResourceContents {
  uri: string;
  mimeType?: string;
  text: string;
  _meta?: Meta;
  [member: string]: unknown;
}

/** Binary contents of a resource. */
export interface BlobResourceContents {
  uri: string;
  mimeType?: string;
  blob: Binary;
  _meta?: Meta;
  [member: string]: unknown;
}

/** Contents of a resource. */
export type ResourceContents = TextResourceContents | BlobResourceContents;

/** The contents of a resource, embedded in a message. */
export interface EmbeddedResource extends Common {
  type: "resource";
  resource: ResourceContents;
}

/**
 * One piece of a tool's result or of a prompt's message. An object of another `type` is passed on as
 * it is, where it is cast to this type.
 */
export type ContentBlock =
  TextContent | ImageContent | AudioContent | ResourceLink | EmbeddedResource;

/** The result of a tool call, which has one of its members at least. */
export type CallToolResult = ResultMembers &
  ({ content: ContentBlock[] } | { structuredContent: unknown } | { isError: boolean });

interface ResultMembers {
  /** The result for a model. Where absent, the text of `structuredContent`, or nothing. */
  content?: ContentBlock[];
  /** The result for a program: one JSON object. */
  structuredContent?: unknown;
  /** The tool failed, and the content says how. */
  isError?: boolean;
  _meta?: Meta;
  [member: string]: unknown;
}

/** The contents of a resource: one item, or several where the URI denotes a collection. */
export interface ReadResourceResult {
  contents: ResourceContents[];
  _meta?: Meta;
  [member: string]: unknown;
}

/** A message of a prompt. */
export interface PromptMessage {
  role: Role;
  content: ContentBlock;
}

/** A prompt with its arguments filled in. */
export interface GetPromptResult {
  description?: string;
  messages: PromptMessage[];
  _meta?: Meta;
  [member: string]: unknown;
}

/** Hints about a tool's behaviour. */
export interface ToolAnnotations {
  title?: string;
  readOnlyHint?: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
}

/** The name and version of a piece of software that speaks MCP. */
export interface Implementation {
  name: string;
  title?: string;
  version: string;
  [member: string]: unknown;
}

/** Content of a conversation with the client's model. Received content may have another `type`. */
export type SamplingContent = TextContent | ImageContent | AudioContent;

/** One message of a conversation with the client's model. */
export interface SamplingMessage {
  role: Role;
  content: SamplingContent;
}

/** The parameters of {@link createMessage}. */
export interface CreateMessageParams {
  messages: SamplingMessage[];
  maxTokens: number;
  modelPreferences?: {
    hints?: { name?: string }[];
    costPriority?: number;
    speedPriority?: number;
    intelligencePriority?: number;
  };
  systemPrompt?: string;
  includeContext?: "none" | "thisServer" | "allServers";
  temperature?: number;
  stopSequences?: string[];
  metadata?: JsonObject | JsonText;
  _meta?: Meta;
  [member: string]: unknown;
}

/** The answer of the client's model. */
export interface CreateMessageResult {
  role: Role;
  content: SamplingContent;
  model: string;
  stopReason?: string;
  _meta?: JsonObject;
  [member: string]: unknown;
}

/** A folder or file that a client lets a server work in. */
export interface Root {
  uri: string;
  name?: string;
  _meta?: JsonObject;
  [member: string]: unknown;
}

/** The client's roots. */
export interface ListRootsResult {
  roots: Root[];
  _meta?: JsonObject;
  [member: string]: unknown;
}
