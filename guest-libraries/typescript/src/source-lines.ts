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

/** Returns a stack whose frames in the author's files name them: `(app.ts:12)`. */
export function withSourceLines(stack: string): string {
  const table = globalThis.WASI_MCP_SOURCE_LINES;
  if (!table) return stack;
  const place = /[^\s()@]*\.js:(\d+)(?::\d+)?/g;
  return stack.replace(place, (found, line: string) => {
    const [file, at] = table.lines[Number(line)] ?? [];
    return file === undefined ? found : `${table.files[file]}:${at}`;
  });
}
