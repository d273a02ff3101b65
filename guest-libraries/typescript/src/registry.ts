/** The items of one kind that a server offers: tools, resources, resource templates or prompts. */

import { attempt } from "./errors.js";

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

/** The name of a kind of item, and the functions that make items known to the host. */
export interface Kind<Item> {
  /** The name of the kind, for errors: `tool`. */
  readonly name: string;
  register(items: Item[]): void;
  unregister(keys: string[]): void;
}

interface Slot<Item, Entry> {
  readonly item: Item;
  readonly entry: Entry;
  enabled: boolean;
}

/** Keeps the items in their order, and tells the host of them: all at the start, later one by one. */
export class Registry<Item, Entry> {
  readonly #kind: Kind<Item>;
  readonly #slots = new Map<string, Slot<Item, Entry>>();
  #published = false;

  constructor(kind: Kind<Item>) {
    this.#kind = kind;
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
    const slot = { item, entry, enabled: true };
    if (this.#published) attempt(() => this.#kind.register([item]));
    this.#slots.set(key, slot);
    return {
      get enabled() {
        return slot.enabled;
      },
      enable: () => this.#change(key, slot, true),
      disable: () => this.#change(key, slot, false),
      remove: () => {
        this.#change(key, slot, false);
        if (this.#slots.get(key) === slot) this.#slots.delete(key);
      },
    };
  }

  #change(key: string, slot: Slot<Item, Entry>, enabled: boolean): void {
    if (slot.enabled === enabled || this.#slots.get(key) !== slot) return;
    if (this.#published) {
      const { register, unregister } = this.#kind;
      attempt(() => (enabled ? register([slot.item]) : unregister([key])));
    }
    slot.enabled = enabled;
  }

  /** Registers all items with the host. */
  publish(): void {
    const items = this.#enabled().map(({ item }) => item);
    if (items.length > 0) this.#kind.register(items);
    this.#published = true;
  }

  /** Returns the item of this key, unless it is disabled. */
  find(key: string): Entry | undefined {
    const slot = this.#slots.get(key);
    return slot?.enabled ? slot.entry : undefined;
  }

  /** Returns all items that are enabled. */
  entries(): Entry[] {
    return this.#enabled().map(({ entry }) => entry);
  }

  /** Returns whether one of the items, enabled or not, is such. */
  some(test: (entry: Entry) => boolean): boolean {
    return [...this.#slots.values()].some(({ entry }) => test(entry));
  }

  #enabled(): Slot<Item, Entry>[] {
    return [...this.#slots.values()].filter(({ enabled }) => enabled);
  }
}
