/**
 * MCP servers as WebAssembly components: a layer over the bindings of `wasi:mcp`.
 *
 * @module
 */

import "./console.js";

export { sleep } from "./clock.js";
export { completable } from "./completion.js";
export type { Completer, CompletionContext } from "./completion.js";
export type { ComponentExports } from "./component.js";
export type * from "./content.js";
export { elicit } from "./elicitation.js";
export type { ElicitParams, ElicitResult } from "./elicitation.js";
export { ErrorCode, McpError, RequestError, resourceNotFound } from "./errors.js";
export type { ErrorName } from "./errors.js";
export { Extra } from "./extra.js";
export type { Client, Progress } from "./extra.js";
export { getPrincipal } from "./identity.js";
export type { Principal } from "./identity.js";
export { JsonText } from "./json.js";
export type { JsonObject } from "./json.js";
export { log } from "./logging.js";
export type { LogLevel } from "./logging.js";
export type { ItemKind, ServerCapabilities, ServerOptions, Visible } from "./options.js";
export type { PromptArgument, PromptArguments, PromptCallback, PromptConfig } from "./prompts.js";
export type { PromptReturn, PromptValues } from "./prompts.js";
export type { Registered } from "./registry.js";
export { ResourceTemplate } from "./resources.js";
export type { ReadResourceCallback, ReadResourceTemplateCallback } from "./resources.js";
export type { ResourceConfig, ResourceReturn } from "./resources.js";
export { listRoots } from "./roots.js";
export { createMessage } from "./sampling.js";
export type { FromJsonSchema, Input, Issue, ObjectJsonSchema, ObjectSchema } from "./schema.js";
export type { Output, Shape, StandardSchema, Validation } from "./schema.js";
export { McpServer } from "./server.js";
export type { ClientEventHandlers, SubscriptionHandlers } from "./server.js";
export { isStopped } from "./shutdown.js";
export type { ResourceStream } from "./streams.js";
export type { ToolCallback, ToolConfig, ToolReturn } from "./tools.js";
export type { VariableName, Variables } from "./uri-template.js";
