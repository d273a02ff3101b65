/** Writes the table of source lines that the library's `source-lines.ts` reads. */

import type { SourceLines } from "../source-lines.js";

/**
 * Appends the table to a bundle. It has the lines of those sources that `authored` gives a name.
 * Appending moves no line.
 */
export function appendSourceLines(
  code: string,
  sourceMap: string,
  authored: (source: string) => string | undefined,
): string {
  const { sources, mappings } = JSON.parse(sourceMap) as { sources: string[]; mappings: string };
  const names = sources.map(authored);
  const files = names.filter((name) => name !== undefined);
  const lines: Record<number, readonly [number, number]> = {};
  for (const { bundled, source, line } of firstOfEachLine(mappings)) {
    const file = names[source];
    if (file !== undefined) lines[bundled] = [files.indexOf(file), line];
  }
  const table: SourceLines = { files, lines };
  return `${code}\nglobalThis.WASI_MCP_SOURCE_LINES = ${JSON.stringify(table)};\n`;
}

interface Mapping {
  /** The line of the bundle, from 1. */
  readonly bundled: number;
  /** The index of the source. */
  readonly source: number;
  /** The line of the source, from 1. */
  readonly line: number;
}

/** Reads the first segment of each line of a source map's `mappings`. */
function firstOfEachLine(mappings: string): Mapping[] {
  const found: Mapping[] = [];
  let source = 0;
  let line = 0;
  mappings.split(";").forEach((text, index) => {
    let first = true;
    for (const segment of text.split(",")) {
      const [, sourceDelta, lineDelta] = numbers(segment);
      if (sourceDelta === undefined || lineDelta === undefined) continue;
      source += sourceDelta;
      line += lineDelta;
      if (first) found.push({ bundled: index + 1, source, line: line + 1 });
      first = false;
    }
  });
  return found;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Decodes the variable-length numbers of a segment. */
function numbers(segment: string): number[] {
  const decoded: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = DIGITS.indexOf(character);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    decoded.push(value & 1 ? -(value >>> 1) : value >>> 1);
    value = 0;
    shift = 0;
  }
  return decoded;
}
