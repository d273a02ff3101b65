/** Resources and resource templates: registration and reading. */

import type {
  ListResourcesResult,
  ListResourceTemplatesResult,
  ReadResourceParams,
  ReadResourceResult as BoundResult,
  Resource,
  ResourceTemplate as BoundTemplate,
} from "wasi:mcp/content";
import * as notifications from "wasi:mcp/notifications";
import * as runtime from "wasi:mcp/runtime";

import { lastArgument, mismatch } from "./codec.js";
import type { Completer } from "./completion.js";
import type { Annotations, Meta, ReadResourceResult, ResourceContents } from "./content.js";
import { resourceNotFound } from "./errors.js";
import type { Extra } from "./extra.js";
import type { ServerOptions } from "./options.js";
import type { Cursor } from "./pages.js";
import * as records from "./records.js";
import { Registry } from "./registry.js";
import type { Kind, Registered } from "./registry.js";
import { isStream, joined, streamed, yieldsPieces } from "./streams.js";
import type { BoundStream, ResourceStream } from "./streams.js";
import { UriTemplate } from "./uri-template.js";
import type { VariableName, Variables } from "./uri-template.js";

/** The description of a resource, or of the resources of a template. */
export interface ResourceConfig {
  /** The name for people. */
  title?: string;
  /** A description of the contents for a model. */
  description?: string;
  /** The media type, which a text or bytes that the callback returns have, too. */
  mimeType?: string;
  /** The size of the contents in bytes. */
  size?: number;
  annotations?: Annotations;
  _meta?: Meta;
  [member: string]: unknown;
}

/**
 * The contents of a resource: a text or bytes, of the described media type, or a result. `undefined`
 * says that it does not exist.
 */
export type ResourceReturn = string | Uint8Array | ReadResourceResult | undefined;

/** Reads a resource. An `async function*` yields the contents in pieces, of any total size. */
export type ReadResourceCallback = (
  uri: string,
  extra: Extra,
) => ResourceReturn | Promise<ResourceReturn> | ResourceStream;

/** Reads a resource of a template, as {@link ReadResourceCallback} does. */
export type ReadResourceTemplateCallback<T extends string = string> = (
  uri: string,
  variables: Variables<T>,
  extra: Extra,
) => ResourceReturn | Promise<ResourceReturn> | ResourceStream;

/** The resources whose URIs match a template: `file:///{+path}`, `users://{id}/profile`. */
export class ResourceTemplate<T extends string = string> {
  readonly uriTemplate: UriTemplate;

  /** @param options.complete proposals for the variables, while a user types */
  constructor(
    uriTemplate: T,
    readonly options: {
      complete?: { [Name in VariableName<T>]?: Completer };
      list?: undefined;
    } = {},
  ) {
    this.uriTemplate = new UriTemplate(uriTemplate);
    for (const variable of Object.keys(options.complete ?? {})) {
      if (!this.uriTemplate.names.includes(variable)) {
        throw new TypeError(
          `resource template "${uriTemplate}": has no variable {${variable}} to complete`,
        );
      }
    }
  }
}

interface ResourceEntry {
  readonly uri: string;
  readonly config: ResourceConfig;
  readonly read: ReadResourceCallback;
}

interface TemplateEntry {
  readonly template: ResourceTemplate;
  readonly config: ResourceConfig;
  readonly read: ReadResourceTemplateCallback;
}

const RESOURCE: Kind<Resource> = {
  name: "resource",
  capability: "resources",
  register: (items) => runtime.registerResources(items),
  unregister: (uris) => runtime.unregisterResources(uris),
  changed: () => notifications.resourcesChanged(),
};

const TEMPLATE: Kind<BoundTemplate> = {
  name: "resource template",
  capability: "resources",
  register: (items) => runtime.registerResourceTemplates(items),
  unregister: (templates) => runtime.unregisterResourceTemplates(templates),
  changed: () => notifications.resourcesChanged(),
};

/** The resource of a request. */
interface Found {
  readonly config: ResourceConfig;
  /** The callback, which `read` calls. */
  readonly callback: unknown;
  readonly read: () => unknown;
}

export class Resources {
  readonly #resources: Registry<Resource, ResourceEntry>;
  readonly #templates: Registry<BoundTemplate, TemplateEntry>;

  constructor(options: ServerOptions) {
    this.#resources = new Registry(RESOURCE, options);
    this.#templates = new Registry(TEMPLATE, options);
  }

  get isEmpty(): boolean {
    return this.#resources.isEmpty && this.#templates.isEmpty;
  }

  get isCompletable(): boolean {
    return this.#templates.some(({ template }) => template.options.complete !== undefined);
  }

  /** True if any resource can be streamed. */
  get isStreamed(): boolean {
    const streams = ({ read }: { read: unknown }): boolean => yieldsPieces(read);
    return this.#resources.some(streams) || this.#templates.some(streams);
  }

  publish(): void {
    this.#resources.publish();
    this.#templates.publish();
  }

  register(
    name: string,
    place: string | ResourceTemplate,
    config: ResourceConfig,
    read: unknown,
  ): Registered {
    const subject = `resource "${name}"`;
    lastArgument.encode(read, subject);
    if (typeof place === "string") {
      const item = records.resource.encode({ ...config, uri: place, name }, subject);
      return this.#resources.add(place, item, {
        uri: place,
        config,
        read: read as ReadResourceCallback,
      });
    }
    const uriTemplate = place.uriTemplate.text;
    const item = records.resourceTemplate.encode({ ...config, uriTemplate, name }, subject);
    const entry = { template: place, config, read: read as ReadResourceTemplateCallback };
    return this.#templates.add(uriTemplate, item, entry);
  }

  /** Returns the registered template of this text. */
  template(uriTemplate: string, extra: Extra): ResourceTemplate | undefined {
    return this.#templates.find(uriTemplate, extra)?.template;
  }

  /** Returns whether a registered resource or template has this URI. */
  has(uri: string, extra: Extra): boolean {
    return this.#find(uri, extra) !== undefined;
  }

  list(extra: Extra, cursor: Cursor): ListResourcesResult {
    const { items, nextCursor } = this.#resources.page(extra, cursor);
    return { resources: items, nextCursor };
  }

  listTemplates(extra: Extra, cursor: Cursor): ListResourceTemplatesResult {
    const { items, nextCursor } = this.#templates.page(extra, cursor);
    return { resourceTemplates: items, nextCursor };
  }

  async read(extra: Extra, { uri }: ReadResourceParams): Promise<BoundResult> {
    const found = this.#find(uri, extra);
    let returned = await found?.read();
    if (!found || returned === undefined || returned === null) throw resourceNotFound(uri);
    if (isStream(returned)) returned = await joined(returned);
    return records.readResourceResult.encode(completed(uri, found.config, returned), "");
  }

  /** Streams a resource. Returns `null` if {@link read} serves it. */
  async stream(extra: Extra, { uri }: ReadResourceParams): Promise<BoundStream | null> {
    const found = this.#find(uri, extra);
    if (!yieldsPieces(found?.callback)) return null;
    const { config, read } = found!;
    return streamed(read() as ResourceStream, `resource "${uri}"`, (first) =>
      records.readResourceResult.encode(completed(uri, config, first), ""),
    );
  }

  /** Returns the resource of this URI, or else the first template that it matches. */
  #find(uri: string, extra: Extra): Found | undefined {
    const resource = this.#resources.find(uri, extra);
    if (resource) {
      const { config, read } = resource;
      return { config, callback: read, read: () => read(uri, extra) };
    }
    // A template that the URI matches, too, does not show what is hidden.
    if (resource === null) return undefined;
    return this.#templates.first(extra, ({ template, config, read }) => {
      const variables = template.uriTemplate.match(uri);
      return variables && { config, callback: read, read: () => read(uri, variables, extra) };
    });
  }
}

function completed(
  uri: string,
  { mimeType }: ResourceConfig,
  returned: unknown,
): ReadResourceResult {
  const one = (contents: ResourceContents): ReadResourceResult => ({ contents: [contents] });
  if (typeof returned === "string") return one({ uri, mimeType, text: returned });
  if (returned instanceof Uint8Array) return one({ uri, mimeType, blob: returned });
  if (typeof returned === "object" && returned !== null && "contents" in returned) {
    return returned as ReadResourceResult;
  }
  return mismatch("result", "a string, a Uint8Array, or an object with `contents`", returned);
}
