/**
 * Resources whose callback is an `async function*`: the pieces that it yields are streamed in WASI 0.3,
 * and joined where the interface has no streams.
 */

import type { ReadResourceResult } from "wasi:mcp/content";
import type { Error as BindingError } from "wasi:mcp/types";

import { utf8 } from "./bytes.js";
import { mismatch } from "./codec.js";
import { errorText } from "./error-text.js";
import { bindingError, McpError } from "./errors.js";

/** The contents of a resource, piece by piece. Texts are written as UTF-8. */
export type ResourceStream = AsyncIterable<Uint8Array | string>;

/** The readable end of a stream or a future. */
type Readable = object;

/** The answer of `read-resource-stream`. */
export type BoundStream = [ReadResourceResult, bytes: Readable, outcome: Readable];

/** The writable end of a stream or a future. */
interface Writable<T> {
  drop(): void;
  /** Writes the value of a future. */
  write(value: T): Promise<boolean>;
  /** Writes to a stream. Returns the number of items that were read before the other end closed. */
  writeAll(items: T): Promise<number>;
}

type Outcome = { tag: "ok" } | { tag: "err"; val: BindingError };

/** The factories of componentize-qjs. */
declare const wit: {
  Stream: {
    (type: number): { readable: Readable; writable: Writable<Uint8Array> };
    readonly U8: number;
  };
  Future: {
    (type: number): { readable: Readable; writable: Writable<Outcome> };
    readonly RESULT_VOID_ERROR: number;
  };
};

/** Returns true if the results of a callback can be streamed. */
export function yieldsPieces(callback: unknown): boolean {
  return Object.prototype.toString.call(callback) === "[object AsyncGeneratorFunction]";
}

/** Returns true if a callback has returned a stream. */
export function isStream(returned: unknown): returned is ResourceStream {
  return typeof returned === "object" && returned !== null && Symbol.asyncIterator in returned;
}

/** Reads a stream to its end. */
export async function joined(source: ResourceStream): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const value of source) {
    const piece = bytesOf(value);
    pieces.push(piece);
    length += piece.length;
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/**
 * Starts a stream. The first piece comes with the result, so that an exception before it becomes the
 * error of the request.
 *
 * @param name the resource, for errors that only the operator sees
 */
export async function streamed(
  source: ResourceStream,
  name: string,
  result: (first: Uint8Array) => ReadResourceResult,
): Promise<BoundStream> {
  const iterator = source[Symbol.asyncIterator]();
  const { done, value } = await iterator.next();
  try {
    const begun = result(done ? new Uint8Array(0) : bytesOf(value));
    const bytes = wit.Stream(wit.Stream.U8);
    const outcome = wit.Future(wit.Future.RESULT_VOID_ERROR);
    void write(iterator, name, bytes.writable, outcome.writable);
    return [begun, bytes.readable, outcome.readable];
  } catch (error) {
    await close(iterator);
    throw error;
  }
}

/** Runs the `finally` of a generator after an error, which outweighs one of the `finally`. */
async function close(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // The first error is thrown.
  }
}

/** Writes the remaining pieces, and then the outcome of the stream. Does not reject. */
async function write(
  iterator: AsyncIterator<Uint8Array | string>,
  name: string,
  bytes: Writable<Uint8Array>,
  outcome: Writable<Outcome>,
): Promise<void> {
  let end: Outcome = { tag: "ok" };
  try {
    await writePieces(iterator, bytes);
  } catch (error) {
    if (!(error instanceof McpError)) console.error(`${name}: ${errorText(error)}`);
    end = { tag: "err", val: bindingError(error) };
  }
  // A host that no longer reads may have dropped its ends.
  for (const step of [() => bytes.drop(), () => outcome.write(end), () => outcome.drop()]) {
    try {
      await step();
    } catch {
      // The other steps follow.
    }
  }
}

async function writePieces(
  iterator: AsyncIterator<Uint8Array | string>,
  bytes: Writable<Uint8Array>,
): Promise<void> {
  for (;;) {
    const { done, value } = await iterator.next();
    if (done) return;
    let isRead: boolean;
    try {
      const piece = bytesOf(value);
      isRead = piece.length === 0 || (await bytes.writeAll(piece)) === piece.length;
    } catch (error) {
      await close(iterator);
      throw error;
    }
    if (!isRead) {
      // The host reads no more: the generator runs its `finally`.
      await iterator.return?.();
      return;
    }
  }
}

function bytesOf(piece: unknown): Uint8Array {
  if (typeof piece === "string") return utf8(piece);
  if (piece instanceof Uint8Array) return piece;
  return mismatch("piece", "a string or a Uint8Array", piece);
}
