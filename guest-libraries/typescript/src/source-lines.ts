/** Places in an author's files, for the stacks of errors. */

/** For each file that the author wrote: its lines in the bundle and in the file. */
export interface SourceLines {
  /** The files. */
  readonly files: readonly string[];
  /** For each line of the bundle: the number of a file and a line of it, or nothing. */
  readonly lines: Readonly<Record<number, readonly [file: number, line: number]>>;
}

/** The table, which the bundler puts at the end of a bundle. */
declare global {
  var WASI_MCP_SOURCE_LINES: SourceLines | undefined;
}

/** A place in the bundle, with its line. */
const PLACE = /[^\s()@]*\.js:(\d+)(?::\d+)?/g;

/** Returns a stack whose frames in the author's files name them: `(app.ts:12)`. */
export function withSourceLines(stack: string): string {
  return stack.replace(PLACE, (found, line: string) => placeOf(line) ?? found);
}

/** Returns the innermost place of a stack that is in the author's files. */
export function innermostPlace(stack: string): string | undefined {
  const places = [...stack.matchAll(PLACE)].map(([, line]) => placeOf(line!));
  return places.find((place) => place !== undefined);
}

/** Returns the place in the author's files of a line of the bundle. */
function placeOf(line: string): string | undefined {
  const table = globalThis.WASI_MCP_SOURCE_LINES;
  const [file, at] = table?.lines[Number(line)] ?? [];
  return file === undefined ? undefined : `${table!.files[file]}:${at}`;
}
