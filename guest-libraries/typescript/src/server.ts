/** The server: what an author registers, and the exports that become of it. */

import type { Server } from "wasi:mcp/capabilities";
import type { RequestContext } from "wasi:mcp/context";
import * as notifications from "wasi:mcp/notifications";
import * as runtime from "wasi:mcp/runtime";

import { string } from "./codec.js";
import { complete } from "./completion.js";
import type { ComponentExports } from "./component.js";
import type { Implementation } from "./content.js";
import { errorText } from "./error-text.js";
import { bindingError, ErrorCode, McpError, resourceNotFound } from "./errors.js";
import { Extra } from "./extra.js";
import { jsonValue } from "./json.js";
import { checkOptions } from "./options.js";
import type { ServerOptions } from "./options.js";
import { settle } from "./promises/settle.js";
import { Prompts } from "./prompts.js";
import type { PromptArguments, PromptCallback, PromptConfig } from "./prompts.js";
import * as records from "./records.js";
import type { Registered } from "./registry.js";
import { Resources } from "./resources.js";
import type {
  ReadResourceCallback,
  ReadResourceTemplateCallback,
  ResourceConfig,
  ResourceTemplate,
} from "./resources.js";
import type { ObjectSchema } from "./schema.js";
import { Tools } from "./tools.js";
import type { ToolCallback, ToolConfig } from "./tools.js";

/** The error of a handler that cannot end. */
const UNSETTLED = "awaits a promise that nothing settles: in WASI 0.2 only imports wait";

/** Functions that run when a client subscribes to a resource, and when it unsubscribes. */
export interface SubscriptionHandlers {
  subscribe?(uri: string, extra: Extra): void | Promise<void>;
  unsubscribe?(uri: string, extra: Extra): void | Promise<void>;
}

/** Notifications of the client. Of the requests to the client only {@link listRoots} works then. */
export interface ClientEventHandlers {
  initialized?(extra: Extra): void | Promise<void>;
  rootsChanged?(extra: Extra): void | Promise<void>;
}

/**
 * An MCP server. Register its items at the top level of the program, and export it as the default.
 */
export class McpServer {
  readonly #info: Implementation;
  readonly #options: ServerOptions;
  readonly #tools: Tools;
  readonly #resources: Resources;
  readonly #prompts: Prompts;
  #subscriptions: SubscriptionHandlers = {};
  #clientEvents: ClientEventHandlers | undefined;

  constructor(info: Implementation, options: ServerOptions = {}) {
    records.implementation.encode(info, "new McpServer");
    checkOptions(options, "new McpServer");
    this.#info = info;
    this.#options = options;
    this.#tools = new Tools(options);
    this.#resources = new Resources(options);
    this.#prompts = new Prompts(options);
  }

  /** Registers a tool. */
  registerTool<
    const In extends ObjectSchema | undefined = undefined,
    const Out extends ObjectSchema | undefined = undefined,
  >(name: string, config: ToolConfig<In, Out>, callback: ToolCallback<In, Out>): Registered {
    return this.#tools.register(name, config, callback);
  }

  /** Registers a tool without arguments. */
  tool(name: string, callback: ToolCallback): Registered;
  /** Registers a tool without arguments, with a description for a model. */
  tool(name: string, description: string, callback: ToolCallback): Registered;
  /** Registers a tool. */
  tool<const In extends ObjectSchema>(
    name: string,
    schema: In,
    callback: ToolCallback<In>,
  ): Registered;
  /** Registers a tool with a description for a model. */
  tool<const In extends ObjectSchema>(
    name: string,
    description: string,
    schema: In,
    callback: ToolCallback<In>,
  ): Registered;
  tool(name: string, ...rest: unknown[]): Registered {
    const callback = rest.pop();
    const description = typeof rest[0] === "string" ? (rest.shift() as string) : undefined;
    return this.#tools.register(
      name,
      { description, inputSchema: rest[0] as ObjectSchema },
      callback,
    );
  }

  /** Registers a resource. */
  registerResource(
    name: string,
    uri: string,
    config: ResourceConfig,
    callback: ReadResourceCallback,
  ): Registered;
  /** Registers the resources of a template. */
  registerResource<T extends string>(
    name: string,
    template: ResourceTemplate<T>,
    config: ResourceConfig,
    callback: ReadResourceTemplateCallback<T>,
  ): Registered;
  registerResource(
    name: string,
    place: string | ResourceTemplate,
    config: ResourceConfig,
    callback: ReadResourceCallback | ReadResourceTemplateCallback,
  ): Registered {
    return this.#resources.register(name, place, config, callback);
  }

  /** Registers a resource without a description. */
  resource(name: string, uri: string, callback: ReadResourceCallback): Registered;
  /** Registers the resources of a template without a description. */
  resource<T extends string>(
    name: string,
    template: ResourceTemplate<T>,
    callback: ReadResourceTemplateCallback<T>,
  ): Registered;
  resource(name: string, place: string | ResourceTemplate, callback: unknown): Registered {
    return this.#resources.register(name, place, {}, callback);
  }

  /** Registers a prompt. */
  registerPrompt<const A extends PromptArguments | undefined = undefined>(
    name: string,
    config: PromptConfig<A>,
    callback: PromptCallback<A>,
  ): Registered {
    return this.#prompts.register(name, config, callback);
  }

  /** Registers a prompt without arguments. */
  prompt(name: string, callback: PromptCallback): Registered;
  /** Registers a prompt. */
  prompt<const A extends PromptArguments>(
    name: string,
    argsSchema: A,
    callback: PromptCallback<A>,
  ): Registered;
  prompt(name: string, ...rest: unknown[]): Registered {
    const callback = rest.pop();
    return this.#prompts.register(name, { argsSchema: rest[0] as PromptArguments }, callback);
  }

  /**
   * Sets what happens when a client subscribes to a resource. By default, nothing does. A
   * subscription to a URI of no resource is refused without a call. Needs the capability
   * `resources.subscribe`.
   */
  onSubscription(handlers: SubscriptionHandlers): void {
    if (!this.#subscribes()) {
      throw new TypeError(
        "onSubscription: declare { capabilities: { resources: { subscribe: true } } }",
      );
    }
    this.#subscriptions = handlers;
  }

  /** Sets what happens at notifications of the client. */
  onClientEvent(handlers: ClientEventHandlers): void {
    this.#clientEvents = handlers;
  }

  /**
   * Tells the clients that are subscribed to `uri` that the resource has changed, or the part of it
   * with the URI `part`.
   */
  sendResourceUpdated({ uri, part }: { uri: string; part?: string }): void {
    string.encode(uri, "uri");
    if (part !== undefined) string.encode(part, "part");
    notifications.resourceUpdated(uri, part ?? null);
  }

  /**
   * Returns the exports of the component, for the command `wasi-mcp-guest`. It takes any default
   * export with such a method, so that a program may change them.
   */
  exports(): ComponentExports {
    const description = this.#description();
    const { capabilities } = description;
    const exports: ComponentExports = this.#options.service
      ? this.#catalogs(description)
      : { start: { start: () => this.#first("start", () => this.#start()) } };
    if (capabilities.tools) {
      exports.tools = {
        callTool: (context, params) =>
          this.#handle(
            () => this.#tools.subject(params.name),
            context,
            params.extra,
            (extra) => this.#tools.call(extra, params),
          ),
      };
    }
    if (capabilities.resources) {
      exports.resources = {
        readResource: (context, params) =>
          this.#handle(
            () => `resource "${params.uri}"`,
            context,
            params.extra,
            (extra) => this.#resources.read(extra, params),
          ),
      };
    }
    if (capabilities.resources && this.#resources.isStreamed) {
      exports.resourceStreams = {
        readResourceStream: (context, params) =>
          this.#handle(
            () => `resource "${params.uri}"`,
            context,
            params.extra,
            (extra) => this.#resources.stream(extra, params),
          ),
      };
    }
    if (capabilities.resources?.subscribe) {
      exports.resourceSubscriptions = {
        subscribe: (context, uri) =>
          this.#handle(
            () => "subscribe",
            context,
            null,
            (extra) => this.#subscribe(extra, uri),
          ),
        unsubscribe: (context, uri) =>
          this.#handle(
            () => "unsubscribe",
            context,
            null,
            async (extra) => this.#subscriptions.unsubscribe?.(uri, extra),
          ),
      };
    }
    if (capabilities.prompts) {
      exports.prompts = {
        getPrompt: (context, params) =>
          this.#handle(
            () => `prompt "${params.name}"`,
            context,
            params.extra,
            (extra) => this.#prompts.get(extra, params),
          ),
      };
    }
    if (capabilities.completions) {
      exports.completion = {
        complete: (context, params) =>
          this.#handle(
            () => "completion",
            context,
            params.extra,
            (extra) => complete(extra, params, this.#prompts, this.#resources),
          ),
      };
    }
    if (this.#clientEvents) exports.clientEvents = this.#events(this.#clientEvents);
    return exports;
  }

  /** Returns the exports by which a service describes itself and lists its items. */
  #catalogs(description: Server): ComponentExports {
    const { tools, resources, prompts } = description.capabilities;
    // There is nothing to register: changes are reported from here on.
    this.#publish();
    const list = <T>(method: string, context: RequestContext, page: (extra: Extra) => T) =>
      this.#handle(
        () => method,
        context,
        null,
        async (extra) => page(extra),
      );
    return {
      serverCatalog: { getServer: () => this.#first("getServer", () => description) },
      ...(tools && {
        toolCatalog: {
          listTools: (context, cursor) =>
            list("tools/list", context, (extra) => this.#tools.list(extra, cursor)),
        },
      }),
      ...(resources && {
        resourceCatalog: {
          listResources: (context, cursor) =>
            list("resources/list", context, (extra) => this.#resources.list(extra, cursor)),
          listResourceTemplates: (context, cursor) =>
            list("resources/templates/list", context, (extra) =>
              this.#resources.listTemplates(extra, cursor),
            ),
        },
      }),
      ...(prompts && {
        promptCatalog: {
          listPrompts: (context, cursor) =>
            list("prompts/list", context, (extra) => this.#prompts.list(extra, cursor)),
        },
      }),
    };
  }

  /** A notification has no answer: a failure is told to the operator alone. */
  #events(handlers: ClientEventHandlers): NonNullable<ComponentExports["clientEvents"]> {
    const report = (event: string, text: string) => console.error(`${event}: ${text}`);
    const handle = (context: RequestContext, event: keyof ClientEventHandlers) =>
      settle(
        async () => {
          try {
            await handlers[event]?.(new Extra(context));
          } catch (error) {
            report(event, errorText(error));
          }
        },
        () => report(event, UNSETTLED),
      );
    return {
      initialized: (context) => handle(context, "initialized"),
      rootsChanged: (context) => handle(context, "rootsChanged"),
    };
  }

  /** Runs a handler. What it throws becomes the error of the request, and never a trap. */
  #handle<T>(
    name: () => string,
    context: RequestContext,
    params: string | null | undefined,
    work: (extra: Extra) => Promise<T>,
  ): T | Promise<T> {
    return this.#settled(name, async () => {
      try {
        return await work(new Extra(context, jsonValue(params)));
      } catch (error) {
        if (!(error instanceof McpError)) console.error(`${name()}: ${errorText(error)}`);
        throw bindingError(error);
      }
    });
  }

  /** A function that cannot end is an error, of which the operator is told the name. */
  #settled<T>(name: () => string, work: () => Promise<T>): T | Promise<T> {
    return settle(work, () => {
      console.error(`${name()}: ${UNSETTLED}`);
      throw bindingError(new McpError(ErrorCode.InternalError, `the handler ${UNSETTLED}`));
    });
  }

  async #subscribe(extra: Extra, uri: string): Promise<void> {
    if (!this.#resources.has(uri, extra)) throw resourceNotFound(uri);
    await this.#subscriptions.subscribe?.(uri, extra);
  }

  /**
   * Runs the function that is called before any request. Asynchronous as all exports are in WASI
   * 0.3, it waits for nothing.
   */
  #first<T>(name: string, work: () => T): T | Promise<T> {
    return this.#settled(
      () => name,
      async () => {
        try {
          return work();
        } catch (error) {
          // Engines throw the host's error as the payload of an exception.
          throw (error as { payload?: unknown }).payload ?? bindingError(error);
        }
      },
    );
  }

  #start(): void {
    runtime.registerServer(this.#description());
    this.#publish();
    runtime.serve();
  }

  #publish(): void {
    for (const items of [this.#tools, this.#resources, this.#prompts]) items.publish();
  }

  #subscribes(): boolean {
    return this.#options.capabilities?.resources?.subscribe === true;
  }

  #description(): Server {
    const given = this.#options.capabilities ?? {};
    const completions = this.#prompts.isCompletable || this.#resources.isCompletable;
    const capabilities = {
      ...(!this.#tools.isEmpty && { tools: {} }),
      ...(!this.#resources.isEmpty && { resources: {} }),
      ...(!this.#prompts.isEmpty && { prompts: {} }),
      ...(completions && { completions: {} }),
      ...given,
    };
    const { instructions } = this.#options;
    return records.server.encode({ info: this.#info, capabilities, instructions }, "");
  }
}
