/** The exports of a component, as engines expect them. */

import type { Server } from "wasi:mcp/capabilities";
import type { CallToolParams, CallToolResult, ListToolsResult } from "wasi:mcp/content";
import type { CompleteParams, CompleteResult } from "wasi:mcp/content";
import type { GetPromptParams, GetPromptResult, ListPromptsResult } from "wasi:mcp/content";
import type { ListResourcesResult, ListResourceTemplatesResult } from "wasi:mcp/content";
import type { ReadResourceParams, ReadResourceResult } from "wasi:mcp/content";
import type { RequestContext } from "wasi:mcp/context";

import type { Cursor } from "./pages.js";
import type { BoundStream } from "./streams.js";

/** The value, or a promise in WASI 0.3 and in engines that await it. */
type Awaitable<T> = T | Promise<T>;

/**
 * The interfaces that a component exports. Those for features that a server lacks are absent. A
 * backend has `start`, and a service `serverCatalog` and its lists.
 */
export interface ComponentExports {
  start?: { start(): Awaitable<void> };
  serverCatalog?: { getServer(): Awaitable<Server> };
  toolCatalog?: { listTools(context: RequestContext, cursor?: Cursor): Awaitable<ListToolsResult> };
  tools?: { callTool(context: RequestContext, params: CallToolParams): Awaitable<CallToolResult> };
  resourceCatalog?: {
    listResources(context: RequestContext, cursor?: Cursor): Awaitable<ListResourcesResult>;
    listResourceTemplates(
      context: RequestContext,
      cursor?: Cursor,
    ): Awaitable<ListResourceTemplatesResult>;
  };
  resources?: {
    readResource(
      context: RequestContext,
      params: ReadResourceParams,
    ): Awaitable<ReadResourceResult>;
  };
  /** WASI 0.3 only. */
  resourceStreams?: {
    readResourceStream(
      context: RequestContext,
      params: ReadResourceParams,
    ): Awaitable<BoundStream | null>;
  };
  resourceSubscriptions?: {
    subscribe(context: RequestContext, uri: string): Awaitable<void>;
    unsubscribe(context: RequestContext, uri: string): Awaitable<void>;
  };
  promptCatalog?: {
    listPrompts(context: RequestContext, cursor?: Cursor): Awaitable<ListPromptsResult>;
  };
  prompts?: {
    getPrompt(context: RequestContext, params: GetPromptParams): Awaitable<GetPromptResult>;
  };
  completion?: {
    complete(context: RequestContext, params: CompleteParams): Awaitable<CompleteResult>;
  };
  clientEvents?: {
    initialized(context: RequestContext): Awaitable<void>;
    rootsChanged(context: RequestContext): Awaitable<void>;
  };
}
