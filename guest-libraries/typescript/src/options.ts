/** The options of a server. */

import { callback } from "./codec.js";
import type { Extra } from "./extra.js";
import type { JsonObject } from "./json.js";

/**
 * Capabilities that no registration shows. Those of tools, resources, prompts and completions are
 * declared where the server has such items, and `logging` where it uses {@link log}.
 */
export interface ServerCapabilities {
  /** `listChanged`: the client is told of tools that are added or removed later. */
  tools?: { listChanged?: boolean };
  /** `subscribe`: clients can subscribe to changes of single resources. */
  resources?: { subscribe?: boolean; listChanged?: boolean };
  prompts?: { listChanged?: boolean };
  experimental?: { [name: string]: JsonObject };
  [capability: string]: unknown;
}

/** A kind of item. */
export type ItemKind = "tool" | "resource" | "resource template" | "prompt";

/**
 * Returns whether a request may see an item.
 *
 * @param name the name of the item, the URI of a resource, or the text of a resource template
 */
export type Visible = (kind: ItemKind, name: string, extra: Extra) => boolean;

/** The options of a server. */
export interface ServerOptions {
  capabilities?: ServerCapabilities;
  /** Instructions for using the server, in words for a model. */
  instructions?: string;
  /** The server is a service, which answers the list methods itself, and not a backend. */
  service?: boolean;
  /**
   * Hides items of a service from a request. A hidden item is left out of the lists, and unknown to
   * the request's handlers.
   */
  visible?: Visible;
}

/** Checks the filter, which a service alone can apply. */
export function checkOptions({ service, visible }: ServerOptions, place: string): void {
  if (visible === undefined) return;
  callback.encode(visible, `${place}: visible`);
  if (!service) {
    throw new TypeError(
      `${place}: the host lists the items of a backend to every request: \`visible\` needs \`service: true\``,
    );
  }
}
