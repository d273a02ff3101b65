/** The exports of a component, as engines expect them. */

import type { CallToolParams, CallToolResult } from "wasi:mcp/content";
import type { CompleteParams, CompleteResult } from "wasi:mcp/content";
import type { GetPromptParams, GetPromptResult } from "wasi:mcp/content";
import type { ReadResourceParams, ReadResourceResult } from "wasi:mcp/content";
import type { RequestContext } from "wasi:mcp/context";

/** The value, or a promise in WASI 0.3 and in engines that await it. */
type Awaitable<T> = T | Promise<T>;

/** The interfaces that a component exports. Those for features that a server lacks are absent. */
export interface ComponentExports {
  start: { start(): Awaitable<void> };
  tools?: { callTool(context: RequestContext, params: CallToolParams): Awaitable<CallToolResult> };
  resources?: {
    readResource(
      context: RequestContext,
      params: ReadResourceParams,
    ): Awaitable<ReadResourceResult>;
  };
  resourceSubscriptions?: {
    subscribe(context: RequestContext, uri: string): Awaitable<void>;
    unsubscribe(context: RequestContext, uri: string): Awaitable<void>;
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
