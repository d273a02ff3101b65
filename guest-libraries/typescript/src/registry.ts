/** The items of one kind that a server offers: tools, resources, resource templates or prompts. */

import { boolean } from "./codec.js";
import { attempt } from "./errors.js";
import type { Extra } from "./extra.js";
import type { ItemKind, ServerOptions } from "./options.js";
import { page } from "./pages.js";
import type { Cursor, Page } from "./pages.js";

/** An item that was registered. Changes after the start reach the client as `list_changed`. */
export interface Registered {
  /** The item is listed. */
  readonly enabled: boolean;
  /** Lists the item again. */
  enable(): void;
  /** Takes the item from the list. */
  disable(): void;
  /** Takes the item from the list for good. */
  remove(): void;
}

/** A kind of item, and the functions that tell the host of its items. */
export interface Kind<Item> {
  /** The name of the kind, also for errors. */
  readonly name: ItemKind;
  /** The capability of servers with such items. */
  readonly capability: "tools" | "resources" | "prompts";
  /** Registers items of a backend. */
  register(items: Item[]): void;
  /** Takes items of a backend away. */
  unregister(keys: string[]): void;
  /** Reports a change of a service's list. */
  changed(): void;
}

interface Slot<Item, Entry> {
  /** The name, the URI or the template of the item. */
  readonly key: string;
  /** The number of items that were added before. */
  readonly serial: number;
  readonly item: Item;
  readonly entry: Entry;
  enabled: boolean;
}

/**
 * Keeps the items in their order. Tells the host of those of a backend: all at the start, later one
 * by one. Pages those of a service.
 */
export class Registry<Item, Entry> {
  readonly #kind: Kind<Item>;
  readonly #options: ServerOptions;
  readonly #slots = new Map<string, Slot<Item, Entry>>();
  #added = 0;
  #published = false;

  constructor(kind: Kind<Item>, options: ServerOptions) {
    this.#kind = kind;
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#slots.size === 0;
  }

  /** Adds an item. `key` is its name, its URI or its template. */
  add(key: string, item: Item, entry: Entry): Registered {
    if (this.#slots.has(key)) {
      throw new TypeError(
        `there is already a ${this.#kind.name} "${key}": remove it, or name this one differently`,
      );
    }
    const slot = { key, serial: this.#added++, item, entry, enabled: true };
    this.#tell(slot, true);
    this.#slots.set(key, slot);
    return {
      get enabled() {
        return slot.enabled;
      },
      enable: () => this.#change(slot, true),
      disable: () => this.#change(slot, false),
      remove: () => {
        this.#change(slot, false);
        if (this.#slots.get(key) === slot) this.#slots.delete(key);
      },
    };
  }

  #change(slot: Slot<Item, Entry>, enabled: boolean): void {
    if (slot.enabled === enabled || this.#slots.get(slot.key) !== slot) return;
    this.#tell(slot, enabled);
    slot.enabled = enabled;
  }

  /** Tells the host of an item that is listed from now on, or no longer. */
  #tell({ key, item }: Slot<Item, Entry>, listed: boolean): void {
    if (!this.#published) return;
    const { capability, register, unregister, changed } = this.#kind;
    const { service, capabilities } = this.#options;
    if (!service) attempt(() => (listed ? register([item]) : unregister([key])));
    else if (capabilities?.[capability]?.listChanged) changed();
  }

  /** Registers all items of a backend with the host. From now on, the host is told of changes. */
  publish(): void {
    if (!this.#options.service) {
      const slots = [...this.#slots.values()].filter(({ enabled }) => enabled);
      if (slots.length > 0) this.#kind.register(slots.map(({ item }) => item));
    }
    this.#published = true;
  }

  /** Returns a page of the items that a request may see, for a service. */
  page(extra: Extra, cursor: Cursor): Page<Item> {
    const shows = (slot: Slot<Item, Entry>): boolean => this.#shows(slot, extra);
    const { items, nextCursor } = page(this.#slots.values(), this.#added, cursor, shows);
    return { items: items.map(({ item }) => item), nextCursor };
  }

  /**
   * Returns the item of this key: `null` for one that the request may not see, `undefined` if none
   * is enabled.
   */
  find(key: string, extra: Extra): Entry | null | undefined {
    const slot = this.#slots.get(key);
    if (!slot?.enabled) return undefined;
    return this.#shows(slot, extra) ? slot.entry : null;
  }

  /** Returns what `match` makes of the first item that it matches and that the request may see. */
  first<Match>(extra: Extra, match: (entry: Entry) => Match | undefined): Match | undefined {
    for (const slot of this.#slots.values()) {
      const found = slot.enabled ? match(slot.entry) : undefined;
      if (found !== undefined && this.#shows(slot, extra)) return found;
    }
    return undefined;
  }

  /** Returns the item of this key, in whatever state and for any request. */
  any(key: string): Entry | undefined {
    return this.#slots.get(key)?.entry;
  }

  /** Returns whether one of the items, enabled or not, is such. */
  some(test: (entry: Entry) => boolean): boolean {
    return [...this.#slots.values()].some(({ entry }) => test(entry));
  }

  #shows({ key, enabled }: Slot<Item, Entry>, extra: Extra): boolean {
    const { visible } = this.#options;
    if (!enabled || !visible) return enabled;
    return boolean.encode(visible(this.#kind.name, key, extra), "visible");
  }
}
