/** Replaces `Promise`. The bundler imports this first, for QuickJS and WASI 0.2. */

import { errorText } from "../error-text.js";
import { enqueue, QueuedPromise, runJobs } from "./promise.js";
import { settleByRunning } from "./settle.js";

/** A failure of a job has nobody to tell but the operator. */
function queueMicrotask(job: () => void): void {
  enqueue(() => {
    try {
      job();
    } catch (error) {
      console.error(`queueMicrotask: ${errorText(error)}`);
    }
  });
}

Object.assign(globalThis, { Promise: QueuedPromise, queueMicrotask });
settleByRunning(runJobs);
