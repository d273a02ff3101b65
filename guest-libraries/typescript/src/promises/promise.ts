/**
 * A `Promise` whose jobs are run by the library.
 *
 * QuickJS, as componentize-qjs 0.4 embeds it, runs no jobs while an export of WASI 0.2 runs, and
 * cannot await a promise that an export returns. The bundler compiles `async` functions down to
 * generators, which use the global `Promise`, and `install.ts` replaces that by this class. Its
 * behaviour is that of the language (Promises/A+): callbacks run later, in their order.
 */

type Job = () => void;
type Resolve<T> = (value: T | PromiseLike<T>) => void;
type Reject = (reason?: unknown) => void;

let jobs: Job[] = [];

/** Adds a job, which throws nothing. */
export function enqueue(job: Job): void {
  jobs.push(job);
}

/** Runs jobs until none is left. */
export function runJobs(): void {
  while (jobs.length > 0) {
    const batch = jobs;
    jobs = [];
    for (const job of batch) job();
  }
}

/** The class that takes the place of `Promise`. */
export class QueuedPromise<T> {
  #state: "pending" | "fulfilled" | "rejected" = "pending";
  #result: unknown;
  #reactions: Job[] = [];

  constructor(executor: (resolve: Resolve<T>, reject: Reject) => void) {
    const { resolve, reject } = this.#resolvers();
    try {
      executor(resolve, reject);
    } catch (error) {
      reject(error);
    }
  }

  /** Returns functions of which the first call counts. */
  #resolvers(): { resolve: Resolve<T>; reject: Reject } {
    let called = false;
    const once = (work: Job): void => {
      if (called) return;
      called = true;
      work();
    };
    return {
      resolve: (value) => once(() => this.#resolve(value)),
      reject: (reason) => once(() => this.#settle("rejected", reason)),
    };
  }

  #resolve(value: unknown): void {
    if (value === this) {
      this.#settle("rejected", new TypeError("a promise cannot be resolved with itself"));
      return;
    }
    if (value === null || (typeof value !== "object" && typeof value !== "function")) {
      this.#settle("fulfilled", value);
      return;
    }
    const { resolve, reject } = this.#resolvers();
    try {
      const then = (value as PromiseLike<T>).then;
      if (typeof then !== "function") this.#settle("fulfilled", value);
      else enqueue(() => adopt(value as PromiseLike<T>, then, resolve, reject));
    } catch (error) {
      this.#settle("rejected", error);
    }
  }

  #settle(state: "fulfilled" | "rejected", result: unknown): void {
    this.#state = state;
    this.#result = result;
    for (const reaction of this.#reactions) enqueue(reaction);
    this.#reactions = [];
  }

  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: any) => B | PromiseLike<B>) | null,
  ): QueuedPromise<A | B> {
    return new QueuedPromise<A | B>((resolve, reject) => {
      const reaction = (): void => {
        const fulfilled = this.#state === "fulfilled";
        const handler: unknown = fulfilled ? onFulfilled : onRejected;
        if (typeof handler === "function") {
          try {
            resolve(handler(this.#result));
          } catch (error) {
            reject(error);
          }
        } else if (fulfilled) {
          resolve(this.#result as A);
        } else {
          reject(this.#result);
        }
      };
      if (this.#state === "pending") this.#reactions.push(reaction);
      else enqueue(reaction);
    });
  }

  catch<B = never>(
    onRejected?: ((reason: any) => B | PromiseLike<B>) | null,
  ): QueuedPromise<T | B> {
    return this.then(null, onRejected);
  }

  finally(work?: (() => void) | null): QueuedPromise<T> {
    if (typeof work !== "function") return this.then();
    return this.then(
      (value) => QueuedPromise.resolve(work()).then(() => value),
      (reason) =>
        QueuedPromise.resolve(work()).then(() => {
          throw reason;
        }),
    );
  }

  get [Symbol.toStringTag](): string {
    return "Promise";
  }

  static resolve<T>(value?: T | PromiseLike<T>): QueuedPromise<T> {
    if (value instanceof QueuedPromise) return value;
    return new QueuedPromise<T>((resolve) => resolve(value as T));
  }

  static reject<T = never>(reason?: unknown): QueuedPromise<T> {
    return new QueuedPromise<T>((_, reject) => reject(reason));
  }

  static withResolvers<T>(): { promise: QueuedPromise<T>; resolve: Resolve<T>; reject: Reject } {
    let resolve!: Resolve<T>;
    let reject!: Reject;
    const promise = new QueuedPromise<T>((...functions) => ([resolve, reject] = functions));
    return { promise, resolve, reject };
  }

  static try<T>(
    work: (...given: any[]) => T | PromiseLike<T>,
    ...given: unknown[]
  ): QueuedPromise<T> {
    return new QueuedPromise<T>((resolve) => resolve(work(...given)));
  }

  static all<T>(values: Iterable<T | PromiseLike<T>>): QueuedPromise<T[]> {
    return new QueuedPromise((resolve, reject) =>
      gather<T, T>(values, resolve, (promise, keep) => promise.then(keep, reject)),
    );
  }

  static allSettled<T>(
    values: Iterable<T | PromiseLike<T>>,
  ): QueuedPromise<PromiseSettledResult<T>[]> {
    return new QueuedPromise((resolve) =>
      gather<T, PromiseSettledResult<T>>(values, resolve, (promise, keep) =>
        promise.then(
          (value) => keep({ status: "fulfilled", value }),
          (reason) => keep({ status: "rejected", reason }),
        ),
      ),
    );
  }

  static race<T>(values: Iterable<T | PromiseLike<T>>): QueuedPromise<T> {
    return new QueuedPromise<T>((resolve, reject) => {
      for (const value of values) QueuedPromise.resolve(value).then(resolve, reject);
    });
  }

  static any<T>(values: Iterable<T | PromiseLike<T>>): QueuedPromise<T> {
    return new QueuedPromise((resolve, reject) =>
      gather<T, unknown>(
        values,
        (reasons) => reject(new AggregateError(reasons, "all promises were rejected")),
        (promise, keep) => promise.then(resolve, keep),
      ),
    );
  }
}

function adopt<T>(thenable: unknown, then: Function, resolve: Resolve<T>, reject: Reject): void {
  try {
    then.call(thenable, resolve, reject);
  } catch (error) {
    reject(error);
  }
}

/** Calls `done` with what `watch` has kept of each promise, in their order. */
function gather<T, K>(
  values: Iterable<T | PromiseLike<T>>,
  done: (results: K[]) => void,
  watch: (promise: QueuedPromise<T>, keep: (kept: K) => void) => void,
): void {
  const promises = Array.from(values, (value) => QueuedPromise.resolve(value));
  const results = new Array<K>(promises.length);
  let missing = promises.length;
  if (missing === 0) done(results);
  promises.forEach((promise, index) => {
    watch(promise, (kept) => {
      results[index] = kept;
      if (--missing === 0) done(results);
    });
  });
}
