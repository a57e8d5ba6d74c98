/** Line and column, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A piece of the text, by offset. */
interface Region {
  readonly start: number;
  readonly end: number;
}

interface Entry {
  readonly key: string | number;
  /** Where the key, or the item, begins. */
  readonly at: number;
  readonly value: Region;
}

const FLOW_OPEN = /[[{]/;
const FLOW_CLOSE = /[\]}]/;
/** A plain key may hold commas and brackets, except within a flow collection. */
const BLOCK_KEY_END = /:(?=\s|$)|\n/g;
const FLOW_KEY_END = /:(?=\s|$)|[\n,{}[\]]/g;

/**
 * Where a key path is in a YAML text: the key itself, or the nearest key above it that is found. The text has been
 * parsed before; js-yaml keeps no positions, so this looks again, only when there is a problem to report.
 */
export function locate(text: string, path: readonly (string | number)[]): Position {
  let region: Region = { start: contentStart(text), end: text.length };
  let found = region.start;
  for (const key of path) {
    const entry = rememberedEntries(text, region).find((one) => one.key === key);
    if (entry === undefined) break;
    found = entry.at;
    region = entry.value;
  }
  return positionAt(text, found);
}

/** Entries found in the text asked about last: problems come in bunches. */
let remembered = { text: "", entries: new Map<number, readonly Entry[]>() };

function rememberedEntries(text: string, region: Region): readonly Entry[] {
  if (remembered.text !== text) remembered = { text, entries: new Map() };
  const known = remembered.entries.get(region.start) ?? entriesOf(text, region);
  remembered.entries.set(region.start, known);
  return known;
}

/** Line and column of an offset. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - (before.lastIndexOf("\n") + 1) + 1 };
}

function contentStart(text: string): number {
  const marker = /^(?:[^\S\n]*(?:#[^\n]*|%[^\n]*)?\n)*---(?=\s)/.exec(text);
  return marker === null ? 0 : marker[0].length;
}

function entriesOf(text: string, region: Region): Entry[] {
  const start = skipProperties(text, region);
  const first = text[start];
  if (first === undefined || start >= region.end) return [];
  return FLOW_OPEN.test(first) ? flowEntries(text, start, region.end) : blockEntries(text, { start, end: region.end });
}

/** Past white space, comments, anchors and tags. */
function skipProperties(text: string, { start, end }: Region): number {
  const skipped = /(?:\s+|#[^\n]*|[&!][^\s,[\]{}]*)*/y;
  skipped.lastIndex = start;
  skipped.exec(text);
  return Math.min(skipped.lastIndex, end);
}

/** Entries of a block mapping or sequence: the lines as far to the right as its first one. */
function blockEntries(text: string, region: Region): Entry[] {
  const indent = columnOf(text, region.start);
  const starts = lineStarts(text, region).filter((offset) => columnOf(text, offset) === indent);
  const sequence = isDash(text, region.start);
  const heads = sequence
    ? starts.filter((offset) => isDash(text, offset))
    : starts.filter((offset) => !isDash(text, offset));
  return heads.flatMap((at, index): Entry[] => {
    const end = heads[index + 1] ?? region.end;
    if (sequence)
      return [{ key: index, at: skipProperties(text, { start: at + 1, end }), value: { start: at + 1, end } }];
    const key = keyAt(text, at, end, BLOCK_KEY_END);
    return key === undefined ? [] : [{ key: key.name, at, value: { start: key.after, end } }];
  });
}

/** Offsets of the first character of every line with content; the first is the region's own start. */
function lineStarts(text: string, { start, end }: Region): number[] {
  const offsets = [start];
  const line = /\n[^\S\n]*(?=[^\s#])/g;
  line.lastIndex = start;
  for (let match = line.exec(text); match !== null && line.lastIndex < end; match = line.exec(text)) {
    offsets.push(line.lastIndex);
  }
  return offsets;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}

function isDash(text: string, offset: number): boolean {
  return /^-(?=\s|$)/.test(text.slice(offset, offset + 2));
}

interface Key {
  readonly name: string;
  /** Offset after the colon. */
  readonly after: number;
}

function keyAt(text: string, at: number, end: number, keyEnds: RegExp): Key | undefined {
  const quoted = scalarEnd(text, at);
  const keyEnd = quoted === at ? plainKeyEnd(text, at, end, keyEnds) : quoted;
  const colon = /[^\S\n]*:(?=\s|$|[,[\]{}"'])/y;
  colon.lastIndex = keyEnd;
  if (colon.exec(text) === null) return undefined;
  return { name: unquoted(text.slice(at, keyEnd).trim()), after: colon.lastIndex };
}

function plainKeyEnd(text: string, at: number, end: number, keyEnds: RegExp): number {
  keyEnds.lastIndex = at;
  const found = keyEnds.exec(text);
  return found === null ? end : found.index;
}

/** Offset after a quoted scalar that begins here; the offset itself when none does. */
function scalarEnd(text: string, at: number): number {
  const quoted = /'(?:[^']|'')*'|"(?:[^"\\]|\\[^])*"/y;
  quoted.lastIndex = at;
  return quoted.exec(text) === null ? at : quoted.lastIndex;
}

function unquoted(key: string): string {
  if (key.startsWith("'")) return key.slice(1, -1).replace(/''/g, "'");
  if (!key.startsWith('"')) return key;
  try {
    return String(JSON.parse(key));
  } catch {
    return key.slice(1, -1);
  }
}

/** Entries of `{…}` or `[…]`. */
function flowEntries(text: string, open: number, end: number): Entry[] {
  const entries: Entry[] = [];
  for (const part of flowParts(text, open, end)) {
    const at = skipProperties(text, part);
    if (at >= part.end) continue;
    const key = text[open] === "{" ? keyAt(text, at, part.end, FLOW_KEY_END) : { name: entries.length, after: at };
    if (key !== undefined) entries.push({ key: key.name, at, value: { start: key.after, end: part.end } });
  }
  return entries;
}

/** What lies between the commas of a flow collection, without those of collections within it. */
function flowParts(text: string, open: number, end: number): Region[] {
  const parts: Region[] = [];
  let depth = 0;
  let start = open + 1;
  // A quote within a plain word is only a letter.
  let mayQuote = false;
  for (let offset = open; offset < end; offset++) {
    const character = text[offset] ?? "";
    const after: number = mayQuote ? scalarEnd(text, offset) : offset;
    if (after > offset) offset = after - 1;
    else if (character === "#" && isSpace(text[offset - 1])) offset = lineEnd(text, offset) - 1;
    else if (FLOW_OPEN.test(character)) depth++;
    else if (FLOW_CLOSE.test(character)) depth--;
    mayQuote = (mayQuote && isSpace(character)) || /[[{,]/.test(character) || isColon(text, offset, after);
    const closed = depth === 0;
    if (!closed && !(character === "," && depth === 1)) continue;
    parts.push({ start, end: offset });
    start = offset + 1;
    if (closed) break;
  }
  return parts;
}

/** A colon that ends a key: one before white space, or one right after a quoted key. */
function isColon(text: string, offset: number, after: number): boolean {
  if (after > offset) return false;
  return text[offset] === ":" && (isSpace(text[offset + 1]) || /["']/.test(text[offset - 1] ?? ""));
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && /\s/.test(character);
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end;
}
