import type { YAMLMap, YAMLSeq } from "yaml";
import { lineEnd, lineEndOf, lineStart, type Splice } from "./extent";
import { rangeOf, unsafe } from "./yaml-tree";

type Flow = YAMLMap | YAMLSeq;

/** Puts a part behind the last one within brackets or braces, on a line of its own where the others have one. */
export function addToFlow(text: string, flow: Flow, part: string): Splice[] {
  const [open, end] = rangeOf(flow);
  const last = partRanges(flow).at(-1);
  if (last === undefined) return [intoEmpty(text, open, end, part, "items" in flow && text[open] === "{")];
  const comma = commaAfter(text, last.end, end);
  const ownLine = isFirstOnLine(text, last.start) && lineEnd(text, last.end) < end;
  if (!ownLine) {
    const at = comma ?? last.end;
    return [{ start: at, end: at, text: comma === undefined ? `, ${part}` : ` ${part},` }];
  }
  const indent = text.slice(lineStart(text, last.start), last.start);
  const after = lineEnd(text, last.end);
  const line = `${indent}${part}${comma === undefined ? "" : ","}${lineEndOf(text)}`;
  const missing = comma === undefined ? [{ start: last.end, end: last.end, text: "," }] : [];
  return [...missing, { start: after, end: after, text: line }];
}

/** Takes a part out of brackets or braces, with its comma, and with its line when it is alone there. */
export function removeFromFlow(text: string, flow: Flow, index: number): Splice[] {
  const [open, end] = rangeOf(flow);
  const parts = partRanges(flow);
  const part = parts[index];
  if (part === undefined) throw unsafe([], "what is to be removed is not there");
  const [previous, next] = [parts[index - 1], parts[index + 1]];
  if (previous === undefined && next === undefined) return [{ start: open + 1, end: end - 1, text: "" }];
  const comma = commaAfter(text, part.end, end);
  const lineTail = text.slice(comma ?? part.end, lineEnd(text, comma ?? part.end));
  if (isFirstOnLine(text, part.start) && /^\s*(#.*)?$/.test(lineTail)) {
    const line = { start: lineStart(text, part.start), end: lineEnd(text, comma ?? part.end), text: "" };
    const dangling = next === undefined && comma === undefined && previous !== undefined;
    const before = dangling ? commaAfter(text, previous.end, end) : undefined;
    return before === undefined ? [line] : [{ start: before - 1, end: before, text: "" }, line];
  }
  if (next !== undefined) return [{ start: part.start, end: next.start, text: "" }];
  // The last one goes with the comma before it, so that one at the end stays.
  return [{ start: previous?.end ?? part.start, end: part.end, text: "" }];
}

interface Part {
  readonly start: number;
  readonly end: number;
}

function partRanges(flow: Flow): Part[] {
  return flow.items.map((item) => {
    const { key, value } = item as { key?: unknown; value?: unknown };
    if (key === undefined || key === null) return toPart(rangeOf(item));
    const [start, keyEnd] = rangeOf(key);
    const end = value === null || value === undefined ? keyEnd : rangeOf(value)[1];
    return { start, end: Math.max(keyEnd, end) };
  });
}

function toPart([start, end]: readonly [number, number]): Part {
  return { start, end };
}

/** Offset after the comma that follows, past white space and comments; undefined when the collection ends first. */
function commaAfter(text: string, from: number, end: number): number | undefined {
  const gap = /(?:\s+|#[^\n]*)*/y;
  gap.lastIndex = from;
  gap.exec(text);
  return gap.lastIndex < end && text[gap.lastIndex] === "," ? gap.lastIndex + 1 : undefined;
}

function isFirstOnLine(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === "";
}

function intoEmpty(text: string, open: number, end: number, part: string, braces: boolean): Splice {
  if (text.slice(open + 1, end - 1).trim() !== "") throw unsafe([], "it holds nothing but comments");
  const pad = braces ? " " : "";
  return { start: open + 1, end: end - 1, text: pad + part + pad };
}
