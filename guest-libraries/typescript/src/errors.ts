/** Errors: those that a handler answers with, and those that a request of the server ends with. */

import type { Error as BindingError, ErrorCode as BindingCode } from "wasi:mcp/types";

import { jsonText, jsonValue } from "./json.js";

/** The codes of JSON-RPC errors that MCP uses. */
export const ErrorCode = {
  ParseError: -32700,
  InvalidRequest: -32600,
  MethodNotFound: -32601,
  InvalidParams: -32602,
  InternalError: -32603,
  ResourceNotFound: -32002,
} as const;

/** The names that the interface gives to codes; the last three have no number on the wire. */
export type ErrorName = Exclude<BindingCode["tag"], "other">;

const NUMBERS: ReadonlyMap<number, ErrorName> = new Map([
  [ErrorCode.ParseError, "parse-error"],
  [ErrorCode.InvalidRequest, "invalid-request"],
  [ErrorCode.MethodNotFound, "method-not-found"],
  [ErrorCode.InvalidParams, "invalid-params"],
  [ErrorCode.InternalError, "internal-error"],
  [ErrorCode.ResourceNotFound, "resource-not-found"],
]);

/**
 * A JSON-RPC error as the answer to a request. Thrown by a handler.
 *
 * A tool that fails throws any other error instead, which becomes a result with `isError`, so that
 * the model sees it.
 */
export class McpError extends Error {
  override readonly name = "McpError";

  /**
   * @param code one of {@link ErrorCode}, or another 32-bit number
   * @param data any JSON value with details for programs
   */
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }
}

/** Returns the error for a resource that does not exist. */
export function resourceNotFound(uri: string): McpError {
  return new McpError(ErrorCode.ResourceNotFound, "resource not found", { uri });
}

/** Returns the error for an unknown name or an unsuitable argument. */
export function invalidParams(message: string, data?: unknown): McpError {
  return new McpError(ErrorCode.InvalidParams, message, data);
}

/** The failure of a request that the server made: the client refused it, or the host did. */
export class RequestError extends Error {
  override readonly name = "RequestError";

  /** @param code the name that the interface gives to the code, or a number that has none */
  constructor(
    readonly code: ErrorName | number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }
}

/** Returns the error that the interface expects from a handler. */
export function bindingError(error: unknown): BindingError {
  if (error instanceof McpError) {
    const data = error.data === undefined ? undefined : jsonText(error.data);
    return { code: bindingCode(error.code), message: error.message, data };
  }
  if (error instanceof RequestError) {
    const code: BindingCode =
      typeof error.code === "number" ? { tag: "other", val: error.code } : { tag: error.code };
    return { code, message: error.message };
  }
  return { code: { tag: "internal-error" }, message: messageOf(error) };
}

function bindingCode(code: number): BindingCode {
  const name = NUMBERS.get(code);
  if (name) return { tag: name };
  // Codes have 32 bits.
  return (code | 0) === code ? { tag: "other", val: code } : { tag: "internal-error" };
}

/** Returns the message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Calls an import that answers at once. Its failure is thrown as a {@link RequestError}. */
export function attempt<T>(call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    throw requestError(thrown);
  }
}

/** Calls an import that waits. Its failure is thrown as a {@link RequestError}. */
export async function request<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    throw requestError(thrown);
  }
}

/** Engines throw the error itself, or an exception that has it as its `payload`. */
function requestError(thrown: unknown): unknown {
  const error = (thrown as { payload?: unknown })?.payload ?? thrown;
  if (!isBindingError(error)) return thrown;
  const code = error.code.tag === "other" ? error.code.val : error.code.tag;
  return new RequestError(code, error.message, jsonValue(error.data));
}

function isBindingError(error: unknown): error is BindingError {
  const { code, message } = (error ?? {}) as Partial<BindingError>;
  return typeof code?.tag === "string" && typeof message === "string";
}
