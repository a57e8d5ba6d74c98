import { isMap } from "yaml";
import type { Node, Pair, YAMLMap, YAMLSeq } from "yaml";
import {
  blankLinesBefore,
  entryExtent,
  firstEntryExtent,
  isBlankAt,
  itemExtent,
  lineEndOf,
  type Extent,
  type Splice,
} from "./extent";
import { entryLines, itemLines, mappingLines, neighbourIn, type YamlMapping, type YamlValue } from "./render";
import { hasText, isEmptyValue, rangeOf, unsafe } from "./yaml-tree";

/** Puts an entry behind the last one of a mapping in block style. */
export function addToBlockMap(text: string, map: YAMLMap, key: string, value: YamlValue): Splice[] {
  const extents = map.items.map((pair, index) => (index === 0 ? firstEntryExtent : entryExtent)(text, pair));
  const last = extents.at(-1);
  if (last === undefined) throw unsafe([], "it has no entry to go by");
  const manner = { text, step: stepOf(text) };
  const lines = entryLines(key, value, manner, neighbourIn(map, key, value));
  return [insertion(text, last.end, [...blankLines(text, extents), ...shifted(lines, last.column)])];
}

/** Puts an item before the one at a position of a list in block style, or behind the last; a mapping is written like its neighbour. */
export function addToBlockList(text: string, list: YAMLSeq, value: YamlValue, index = list.items.length): Splice[] {
  const extents = list.items.map((item) => itemExtent(text, item));
  const like = index === 0 ? 0 : index - 1;
  const extent = extents[like];
  if (extent === undefined) throw unsafe([], "it has no item to go by");
  const lines = itemLines(value, { text, step: stepOf(text) }, list.items[like] as Node);
  const indented = shifted(lines, extent.column);
  const blank = blankLines(text, extents);
  return index === 0
    ? [insertion(text, extent.start, [...indented, ...blank])]
    : [insertion(text, extent.end, [...blank, ...indented])];
}

/** Gives an entry of a block mapping, that has no value or an empty one, a mapping as value, on the lines below it. */
export function fillEmptyEntry(text: string, pair: Pair, value: YamlMapping, like?: Node): Splice[] {
  const extent = entryExtent(text, pair);
  const step = stepOf(text);
  const lines = shifted(mappingLines(value, { text, step }, like), extent.column + step);
  return [...withoutValue(text, pair), insertion(text, extent.end, lines)];
}

/** Gives such an entry a value that fits on its line. */
export function fillOnLine(text: string, pair: Pair, written: string): Splice[] {
  const after = withoutValue(text, pair);
  const colon = colonEnd(text, pair);
  return [...after, { start: colon, end: colon, text: ` ${written}` }];
}

/** Takes whole lines out, and blank lines that would then stand double or at the end. */
export function removeLines(text: string, extent: Extent, isLast: boolean): Splice[] {
  const { end } = extent;
  let { start } = extent;
  const blank = blankLinesBefore(text, start);
  if (blank.count > 0 && blank.start > 0 && (isLast || isBlankAt(text, end))) start = blank.start;
  const atEnd = end === text.length && !text.endsWith("\n");
  // Without a line end at the end of the file the one before goes.
  if (atEnd) start -= start > 0 && text[start - 2] === "\r" ? 2 : Math.min(start, 1);
  return [{ start, end, text: "" }];
}

/** Spaces per level: as in the first nested block of the text. */
export function stepOf(text: string): number {
  for (const match of text.matchAll(
    /^( *)[^\s#-][^\n]*:[^\S\n]*(?:#[^\n]*)?\r?\n(?:[^\S\n]*(?:#[^\n]*)?\r?\n)*( *)[^\s#]/gm,
  )) {
    const step = (match[2] ?? "").length - (match[1] ?? "").length;
    if (step > 0) return step;
  }
  return 2;
}

/** Offset after the colon of an entry. */
export function colonEnd(text: string, pair: Pair): number {
  const colon = /\s*:/y;
  colon.lastIndex = rangeOf(pair.key)[1];
  if (colon.exec(text) === null) throw unsafe([], "its key has no colon beside it");
  return colon.lastIndex;
}

/** Takes away `~`, `null` or `{}` behind a colon. */
function withoutValue(text: string, pair: Pair): Splice[] {
  const { value } = pair;
  if (!isEmptyValue(value) && !(isMap(value) && value.items.length === 0)) throw unsafe([], "it has another value");
  if (!hasText(value, text)) return [];
  const start = colonEnd(text, pair);
  const [valueStart, end] = rangeOf(value);
  if (text.slice(start, valueStart).trim() !== "") throw unsafe([], "its value has an anchor or a tag");
  return [{ start, end, text: "" }];
}

function blankLines(text: string, extents: readonly Extent[]): string[] {
  const gaps = extents.slice(1).map(({ start }, index) => {
    const from = extents[index]?.end ?? start;
    return /^(?:[^\S\n]*\n)*/.exec(text.slice(from, start))?.[0].split("\n").length ?? 1;
  });
  return gaps.length === 0 ? [] : Array.from({ length: Math.min(...gaps) - 1 }, () => "");
}

function insertion(text: string, at: number, lines: readonly string[]): Splice {
  const eol = lineEndOf(text);
  const whole = lines.join(eol);
  const unfinished = at === text.length && text !== "" && !text.endsWith("\n");
  return { start: at, end: at, text: unfinished ? eol + whole : whole + eol };
}

function shifted(lines: readonly string[], column: number): string[] {
  return lines.map((line) => " ".repeat(column) + line);
}
