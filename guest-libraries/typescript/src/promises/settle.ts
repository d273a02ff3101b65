/** Runs a handler at the edge to the component. */

/** Runs the jobs of promises. Set where the engine does not run them: see `install.ts`. */
let runJobs: (() => void) | undefined;

/** Makes {@link settle} run jobs by itself, since the engine does not. */
export function settleByRunning(run: () => void): void {
  runJobs = run;
}

/**
 * Runs an asynchronous function for an export of the component. Returns its promise where the
 * engine awaits it, and otherwise its value: in WASI 0.2 every import blocks, so that the function
 * has ended when no job is left.
 *
 * @param unsettled answers for a function that awaits a promise which nothing settles
 */
export function settle<T>(work: () => Promise<T>, unsettled: () => T): T | Promise<T> {
  if (!runJobs) return work();
  let outcome: { value: T } | { error: unknown } | undefined;
  work().then(
    (value) => (outcome = { value }),
    (error) => (outcome = { error }),
  );
  runJobs();
  // The assignment happened in a callback, which the compiler does not see.
  const settled = outcome as { value: T } | { error: unknown } | undefined;
  if (!settled) return unsettled();
  if ("error" in settled) throw settled.error;
  return settled.value;
}
