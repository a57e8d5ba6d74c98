import { contentEnd, rangeOf, unsafe } from "./yaml-tree";

/** A piece of the text to be replaced. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Whole lines of the text, by offset; `column` is where their content begins. */
export interface Extent {
  readonly start: number;
  readonly end: number;
  readonly column: number;
}

/** The text with pieces replaced; they must not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const ordered = [...splices].sort((one, other) => other.start - one.start);
  return ordered.reduce((done, { start, end, text: put }) => done.slice(0, start) + put + done.slice(end), text);
}

/** Line end that a text uses: that of its first line. */
export function lineEndOf(text: string): "\n" | "\r\n" {
  return /^[^\n]*\r\n/.test(text) ? "\r\n" : "\n";
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Offset after the line end of the line that holds an offset. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end + 1;
}

/**
 * The lines of a block entry: from its key to its last value, with what follows on that line, and the comments
 * below that are indented deeper than the key. Throws CdcError when something else begins on its first line.
 */
export function entryExtent(text: string, pair: { readonly key: unknown }): Extent {
  const [keyStart] = rangeOf(pair.key);
  return extentFrom(text, keyStart, contentEnd(pair, text), /^ *(?:\? +)?(?:[&!]\S+ +)*$/);
}

/** The same for the first entry of a mapping that is an item of a block list: behind its dash. For adding below it only. */
export function firstEntryExtent(text: string, pair: { readonly key: unknown }): Extent {
  const [keyStart] = rangeOf(pair.key);
  const start = lineStart(text, keyStart);
  if (!/^ *- +$/.test(text.slice(start, keyStart))) return entryExtent(text, pair);
  const column = keyStart - start;
  return { start, end: deeperComments(text, lineEnd(text, contentEnd(pair, text)), column), column };
}

/** The same for an item of a block list, from its dash. */
export function itemExtent(text: string, item: unknown): Extent {
  return extentFrom(text, rangeOf(item)[0], contentEnd(item, text), /^ *- +(?:[&!]\S+ +)*$/);
}

function extentFrom(text: string, first: number, last: number, lead: RegExp): Extent {
  const start = lineStart(text, first);
  const before = text.slice(start, first);
  if (!lead.test(before)) throw unsafe([], "two things begin on one line");
  const column = before.length - before.trimStart().length;
  return { start, end: deeperComments(text, lineEnd(text, last), column), column };
}

/** Where the comments end that follow an offset and are indented deeper than a column. */
function deeperComments(text: string, offset: number, column: number): number {
  let end = offset;
  for (let at = offset; at < text.length; at = lineEnd(text, at)) {
    const line = text.slice(at, lineEnd(text, at));
    if (line.trim() === "") continue;
    const indent = /^( *)#/.exec(line)?.[1];
    if (indent === undefined || indent.length <= column) break;
    end = lineEnd(text, at);
  }
  return end;
}

/** Blank lines right before an offset. */
export function blankLinesBefore(text: string, offset: number): { readonly start: number; readonly count: number } {
  let start = offset;
  let count = 0;
  while (start > 0) {
    const previous = lineStart(text, start - 1);
    if (text.slice(previous, start).trim() !== "") break;
    start = previous;
    count++;
  }
  return { start, count };
}

/** Whether a blank line, or the end of the text, begins at an offset. */
export function isBlankAt(text: string, offset: number): boolean {
  return text.slice(offset, lineEnd(text, offset)).trim() === "";
}
