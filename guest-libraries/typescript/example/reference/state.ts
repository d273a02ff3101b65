/**
 * The state that an instance keeps from one call to the next.
 *
 * An instance may serve one call or many: correct answers do not depend on this state, it only lets
 * a tool report earlier events.
 */

import type { Extra, Root } from "@wasi-mcp/guest";

export const state = {
  /** Tool calls so far that count. */
  calls: 0,
  /** The number of times that the watched resource was touched. */
  watchedVersion: 0,
  subscriptions: new Set<string>(),
  /** One entry for each wait that a cancellation ended. */
  cancellations: [] as string[],
  /** A clone of an ended call's request. */
  late: undefined as Extra | undefined,
  initialized: 0,
  rootsChanged: 0,
  /** The roots that the client listed last. */
  roots: [] as Root[],
};
