import assert from "node:assert/strict";
import { test } from "node:test";

import { page } from "../pages.js";
import type { Cursor } from "../pages.js";

interface Item {
  readonly serial: number;
}

function items(count: number): Item[] {
  return Array.from({ length: count }, (_, serial) => ({ serial }));
}

/** Returns the sizes of all pages, and the serial numbers on them. */
function walked(listed: Item[], shows = (_: Item) => true): { sizes: number[]; serials: number[] } {
  const sizes: number[] = [];
  const serials: number[] = [];
  let cursor: Cursor;
  do {
    const found = page(listed, listed.length, cursor, shows);
    sizes.push(found.items.length);
    serials.push(...found.items.map(({ serial }) => serial));
    cursor = found.nextCursor;
  } while (cursor !== undefined);
  return { sizes, serials };
}

test("pages have up to 100 items, in their order, and none is empty but the only one", () => {
  for (const [count, sizes] of [
    [0, [0]],
    [1, [1]],
    [99, [99]],
    [100, [100]],
    [101, [100, 1]],
    [200, [100, 100]],
    [250, [100, 100, 50]],
  ] as const) {
    const listed = items(count);
    const serials = listed.map(({ serial }) => serial);
    assert.deepEqual(walked(listed), { sizes, serials }, `${count} items`);
  }
});

test("hidden items leave no gaps", () => {
  const { sizes, serials } = walked(items(404), ({ serial }) => serial % 4 === 0);
  assert.deepEqual(sizes, [100, 1]);
  assert.equal(serials.at(-1), 400);
  assert.deepEqual(walked(items(250), ({ serial }) => serial < 100).sizes, [100]);
});

test("a cursor stays valid when items are removed and added", () => {
  const listed = items(250);
  const { nextCursor } = page(listed, 250, null, () => true);
  assert.equal(nextCursor, "99");
  // The last item that was shown is removed, with one before and one behind it.
  const changed = [
    ...listed.filter(({ serial }) => ![7, 99, 100].includes(serial)),
    { serial: 250 },
  ];
  const second = page(changed, 251, nextCursor, () => true);
  assert.deepEqual([second.items[0], second.items.length], [{ serial: 101 }, 100]);
  const third = page(changed, 251, second.nextCursor, () => true);
  assert.deepEqual([third.items.length, third.items.at(-1)], [50, { serial: 250 }]);
  assert.equal(third.nextCursor, undefined);
  assert.deepEqual(
    page([], 251, second.nextCursor, () => true),
    { items: [] },
  );
});

test("a cursor that was not issued is invalid-params", () => {
  const foreign = ["", "x", "-1", "-0", "01", "1e2", "1.0", "+1", " 1", "1\n", "0x1", "NaN", "١"];
  const beyond = ["250", "9007199254740993", "9".repeat(400), "Infinity"];
  for (const cursor of [...foreign, ...beyond]) {
    assert.throws(
      () => page(items(250), 250, cursor, () => true),
      { code: -32602, message: `Unknown cursor: ${cursor}` },
      JSON.stringify(cursor),
    );
  }
  assert.throws(() => page([], 0, "0", () => true), { code: -32602 });
  assert.deepEqual(
    page(items(1), 1, "0", () => true),
    { items: [] },
  );
});
