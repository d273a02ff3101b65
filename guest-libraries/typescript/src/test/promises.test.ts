import assert from "node:assert/strict";
import { test } from "node:test";

import { McpServer } from "../index.js";
import { QueuedPromise, runJobs } from "../promises/promise.js";
import { settle, settleByRunning } from "../promises/settle.js";
import { context } from "./fakes/context.js";

/** Runs the program with each class, and expects the same order of events. */
async function same(
  program: (P: typeof Promise, note: (event: unknown) => void) => void,
): Promise<void> {
  const native: unknown[] = [];
  program(Promise, (event) => native.push(event));
  await new Promise((resolve) => setImmediate(resolve));
  const queued: unknown[] = [];
  program(QueuedPromise as unknown as typeof Promise, (event) => queued.push(event));
  runJobs();
  assert.deepEqual(queued, native);
  assert.notEqual(native.length, 0);
}

test("callbacks run later, in the order of the language", () =>
  same((P, note) => {
    const first = P.resolve(1);
    first.then((value) => note(["a", value])).then(() => note("c"));
    first.then(() => note("b"));
    new P((resolve) => resolve(P.resolve(2))).then((value) => note(["adopted", value]));
    P.resolve()
      .then(() => note("d"))
      .then(() => note("e"))
      .then(() => note("f"));
    note("sync");
  }));

test("rejections pass through, and are caught", () =>
  same((P, note) => {
    P.reject(new Error("x"))
      .then(() => note("no"))
      .finally(() => note("finally"))
      .catch((error) => note(error.message))
      .then(() => {
        throw new Error("y");
      })
      .then(null, (error) => note(error.message));
    new P(() => {
      throw new Error("z");
    }).catch((error) => note(error.message));
    new P((resolve, reject) => {
      resolve(1);
      reject(2);
      throw new Error("late");
    }).then(note, note);
  }));

test("the combinators keep their order", () =>
  same((P, note) => {
    const later = (value: unknown) => P.resolve().then(() => value);
    P.all([later(1), 2, later(3)]).then(note);
    P.all([]).then(note);
    P.all([later(1), P.reject(4)]).catch((reason) => note(["all", reason]));
    P.allSettled([later(1), P.reject(5)]).then(note);
    P.race([later("slow"), "fast"]).then(note);
    P.any([P.reject(1), later(6)]).then(note);
    P.any([P.reject(1)]).catch((error) => note(error.errors));
  }));

test("thenables are adopted, once", () =>
  same((P, note) => {
    const thenable = {
      then(resolve: (value: unknown) => void, reject: (reason: unknown) => void) {
        resolve("first");
        reject("second");
        throw new Error("third");
      },
    };
    P.resolve(thenable).then(note, note);
    P.resolve({ then: 1 }).then(note);
  }));

test("settle runs jobs where the engine does not, and ends where nothing settles", () => {
  settleByRunning(runJobs);
  const never = (): never => {
    throw new Error("unsettled");
  };
  const later = (value: number) => QueuedPromise.resolve(value) as unknown as Promise<number>;
  const added = settle(() => later(1).then((value) => value + 1), never);
  assert.equal(added, 2);
  const rejected = () =>
    later(1).then((): number => {
      throw new Error("x");
    });
  assert.throws(() => settle(rejected, never), /x/);
  const pending = new QueuedPromise<number>(() => {}) as unknown as Promise<number>;
  assert.throws(() => settle(() => pending, never), /unsettled/);
});

test("a handler that cannot end is an error, and such a client event is reported", (t) => {
  // The promises of this process are not run by `runJobs`, so that they settle too late.
  settleByRunning(runJobs);
  const errors = t.mock.method(console, "error", () => {});
  const server = new McpServer({ name: "test", version: "1" });
  server.tool("t", () => "");
  server.onClientEvent({ initialized: () => {} });
  const { tools, clientEvents } = server.exports();
  assert.throws(() => tools!.callTool(context(), { name: "t" }), {
    code: { tag: "internal-error" },
    message: "the handler awaits a promise that nothing settles: in WASI 0.2 only imports wait",
  });
  clientEvents!.initialized(context());
  const [first, second] = errors.mock.calls.map((call) => call.arguments[0]);
  assert.match(first, /^tool "t": awaits a promise/);
  assert.match(second, /^initialized: awaits a promise/);
});
