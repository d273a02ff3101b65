/** The request that a handler works on. */

import type { RequestContext } from "wasi:mcp/context";

import { attempt, RequestError } from "./errors.js";
import type { Implementation } from "./content.js";
import type { JsonObject } from "./json.js";
import { jsonValue } from "./json.js";
import type { LogLevel } from "./logging.js";
import * as records from "./records.js";

/** The client that sent a request. */
export interface Client {
  /** The name and version; absent in a host that keeps no sessions. */
  info?: Implementation;
  /** The capabilities that this server can use. */
  capabilities: {
    roots?: { listChanged?: boolean };
    sampling?: JsonObject;
    elicitation?: JsonObject;
    experimental?: Record<string, JsonObject>;
    [capability: string]: unknown;
  };
  /** The negotiated revision of MCP. */
  protocolVersion: string;
  /** The least severe level that the client has asked for. */
  logLevel?: LogLevel;
}

/** A report of progress. */
export interface Progress {
  /** The work done so far. Grows with each report. */
  progress: number;
  /** The total work, where known. */
  total?: number;
  /** The current step, for people. */
  message?: string;
}

/**
 * The request that a handler works on: the last argument of every handler, and the first of the
 * functions that act on a request, such as {@link elicit}.
 */
export class Extra {
  /**
   * @param context the handle of the bindings, for functions that this library does not have
   * @param params members of the request's parameters that MCP does not name
   */
  constructor(
    readonly context: RequestContext,
    readonly params: JsonObject = {},
  ) {}

  /** The id of the request; absent for a notification. */
  get requestId(): string | number | undefined {
    return jsonValue(this.context.getId());
  }

  /** `_meta` of the request, as the client sent it. */
  get _meta(): JsonObject | undefined {
    return jsonValue(this.context.getMeta());
  }

  /** The token with which the client asked for progress. Reports do not need it. */
  get progressToken(): string | number | undefined {
    return jsonValue(this.context.getProgressToken());
  }

  /** The client that sent the request. */
  get client(): Client {
    return records.client.decode(this.context.getClient());
  }

  /** The client has cancelled the request, or the host has given it up. */
  get isCancelled(): boolean {
    return this.context.isCancelled();
  }

  /** Throws where the request was cancelled: for a loop that works for long. */
  throwIfCancelled(): void {
    if (this.isCancelled) throw new RequestError("cancelled", "the request was cancelled");
  }

  /**
   * Reports progress to the client. Without a token of the client nothing is sent.
   *
   * Throws a {@link RequestError} for progress that does not grow, and after the request's end.
   */
  reportProgress(progress: Progress): void {
    const bound = records.progress.encode(progress, "");
    attempt(() => this.context.reportProgress(bound));
  }

  /** Returns a second handle to the same request, for work beside the handler. */
  clone(): Extra {
    return new Extra(this.context.clone(), this.params);
  }
}
