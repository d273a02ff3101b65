/** Hints about the behaviour of tools. */

export const READ_ONLY = { readOnlyHint: true };
/** Changes the state or the lists of this instance. */
export const CHANGING = { readOnlyHint: false, destructiveHint: false };
/** Not to be called unasked. */
export const DESTRUCTIVE = { readOnlyHint: false, destructiveHint: true };
