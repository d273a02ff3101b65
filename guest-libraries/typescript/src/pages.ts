/** The pages of a service's lists. */

import { invalidParams } from "./errors.js";

/** The maximum number of items on a page. */
const SIZE = 100;

/** A cursor of a request, if it has one. */
export type Cursor = string | null | undefined;

/** One page of a list, and the cursor of the next. */
export interface Page<Item> {
  readonly items: Item[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

/**
 * Returns the page that a cursor leads to.
 *
 * A cursor is the serial number of the last item that was shown. So it stays valid when items are
 * added and removed.
 *
 * @param listed the items in the order of their serial numbers
 * @param end the serial number that the next new item gets
 * @param shows leaves items out
 */
export function page<Item extends { readonly serial: number }>(
  listed: Iterable<Item>,
  end: number,
  cursor: Cursor,
  shows: (item: Item) => boolean,
): Page<Item> {
  const last = serialOf(cursor, end);
  const items: Item[] = [];
  for (const item of listed) {
    if (item.serial <= last || !shows(item)) continue;
    // This item is on the next page, which has one at least.
    if (items.length === SIZE) return { items, nextCursor: String(items[SIZE - 1]!.serial) };
    items.push(item);
  }
  return { items };
}

/** Returns the serial number that a cursor names. Without a cursor, it is less than any. */
function serialOf(cursor: Cursor, end: number): number {
  if (cursor === null || cursor === undefined) return -1;
  const serial = /^(0|[1-9]\d*)$/.test(cursor) ? Number(cursor) : NaN;
  if (serial < end) return serial;
  throw invalidParams(`Unknown cursor: ${cursor}`);
}
