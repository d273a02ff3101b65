/** Replaces `Promise`. The bundler imports this first, for QuickJS and WASI 0.2. */

import { enqueue, QueuedPromise, runJobs } from "./promise.js";
import { settleByRunning } from "./settle.js";

Object.assign(globalThis, { Promise: QueuedPromise, queueMicrotask: enqueue });
settleByRunning(runJobs);
