/** A failure that the author can mend: its message is all that is printed. */
export class BuildFailure extends Error {}
