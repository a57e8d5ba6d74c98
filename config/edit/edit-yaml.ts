import { isMap, isScalar, isSeq } from "yaml";
import type { Node, Pair, YAMLMap } from "yaml";
import { isDeepStrictEqual } from "node:util";
import { parseYaml } from "../yaml-document";
import {
  addToBlockList,
  addToBlockMap,
  colonEnd,
  fillEmptyEntry,
  fillOnLine,
  removeLines,
  stepOf,
} from "./block-edits";
import { applySplices, entryExtent, itemExtent, lineStart, type Splice } from "./extent";
import { addToFlow, removeFromFlow } from "./flow-edits";
import { entryLines, flowEntries, flowText, scalarText, type YamlMapping, type YamlValue } from "./render";
import { entryAt, isEmptyValue, isFlow, nodeAt, parseTree, rangeOf, unsafe, type YamlPath } from "./yaml-tree";
import { expectedValue, type WhenEmpty, type YamlStep } from "./yaml-step";

/**
 * A YAML text with one change made; all else stays byte for byte: comments, order, quotes, blank lines, line ends.
 * The result is read again and compared with what it must say. Throws CdcError (CDC_EDIT_UNSAFE) when the text
 * is written so that the change can't be made alone, such as behind an alias.
 */
export function editYaml(text: string, step: YamlStep): string {
  const edited = applySplices(text, splicesOf(text, step));
  const expected = expectedValue(valueOf(text, step.path), step);
  if (!isDeepStrictEqual(valueOf(edited, step.path), expected))
    throw unsafe(step.path, "the way it is written there is not known");
  return edited;
}

/** The same for several changes, one after another. */
export function editYamlAll(text: string, steps: readonly YamlStep[]): string {
  return steps.reduce(editYaml, text);
}

/** Comment lines right above what a removal took out, which stay: of the entry, or of the one above that went with it. */
export function commentsLeft(before: string, after: string, path: YamlPath): string[] {
  const parent = path.slice(0, -1);
  const pruned = parent.length > 0 && entryAt(parseTree(after), parent) === undefined;
  const gone = pruned ? parent : path;
  const entry = entryAt(parseTree(before), gone);
  return entry === undefined || isFlow(entry.map) ? [] : commentAbove(before, entryExtent(before, entry.pair).start);
}

function commentAbove(text: string, offset: number): string[] {
  const lines: string[] = [];
  for (let end = offset; end > 0;) {
    const start = lineStart(text, end - 1);
    const line = text.slice(start, end).trim();
    if (!line.startsWith("#") || line.startsWith("# yaml-language-server")) break;
    lines.unshift(line);
    end = start;
  }
  return lines;
}

function valueOf(text: string, path: YamlPath): unknown {
  const { value, problems } = parseYaml("", text);
  const [problem] = problems;
  if (problem !== undefined) throw unsafe(path, problem.text);
  return value;
}

function splicesOf(text: string, step: YamlStep): Splice[] {
  const root = parseTree(text);
  switch (step.op) {
    case "add":
      return added(text, root, step.path, step.value);
    case "append":
      return appended(text, root, step.path, step.value);
    case "insert":
      return inserted(text, root, step.path, step.index, step.value);
    case "set":
      return replaced(text, root, step.path, step.value);
    case "remove":
      return removed(text, root, step.path, step.whenEmpty);
  }
}

/** Adds below the deepest mapping that is there; what lies between is made. */
function added(text: string, root: Node | null, path: YamlPath, value: YamlValue): Splice[] {
  if (root === null) return [wholeText(text, wrapped(path, value))];
  let depth = path.length - 1;
  while (depth > 0 && nodeAt(root, path.slice(0, depth)) === undefined) depth--;
  const key = String(path[depth]);
  const inner = wrapped(path.slice(depth + 1), value);
  const parent = nodeAt(root, path.slice(0, depth));
  if (isMap(parent) && parent.items.length > 0) return intoMap(text, parent, key, inner);
  if (!isEmptyValue(parent) && !isMap(parent)) throw unsafe(path.slice(0, depth), "it is no mapping");
  return intoEmpty(text, root, path.slice(0, depth), { [key]: inner });
}

function intoMap(text: string, map: YAMLMap, key: string, value: YamlValue): Splice[] {
  if (!isFlow(map)) return addToBlockMap(text, map, key, value);
  return addToFlow(text, map, flowEntries({ [key]: value }, { text, step: stepOf(text) }, map).join(""));
}

/** A mapping as the value of a key that has none yet. */
function intoEmpty(text: string, root: Node, path: YamlPath, value: YamlMapping): Splice[] {
  const entry = entryAt(root, path);
  if (entry === undefined) throw unsafe(path, "it is no part of a mapping");
  if (!isFlow(entry.map)) return fillEmptyEntry(text, entry.pair, value, likeSibling(entry.map, entry.index));
  const written = flowText(value, { text, step: stepOf(text) });
  return isMap(entry.pair.value)
    ? [{ ...spanOf(entry.pair.value), text: written }]
    : fillOnLine(text, entry.pair, written);
}

/** A neighbour of an entry that is a mapping itself, to be written like it. */
function likeSibling(map: YAMLMap, index: number): Node | undefined {
  const others = map.items.filter((_, at) => at !== index);
  return others.findLast((pair: Pair) => isMap(pair.value))?.value as Node | undefined;
}

function appended(text: string, root: Node | null, path: YamlPath, value: YamlValue): Splice[] {
  const list = nodeAt(root, path);
  const manner = { text, step: stepOf(text) };
  if (list === undefined) return added(text, root, path, [value]);
  if (isSeq(list) && (isFlow(list) || list.items.length === 0))
    return addToFlow(text, list, flowText(value, manner, list.items.at(-1) as Node | undefined));
  if (isSeq(list)) return addToBlockList(text, list, value);
  const entry = entryAt(root, path);
  if (entry === undefined || !isEmptyValue(list)) throw unsafe(path, "it is no list");
  return fillOnLine(text, entry.pair, flowText([value], manner));
}

function inserted(text: string, root: Node | null, path: YamlPath, index: number, value: YamlValue): Splice[] {
  const list = nodeAt(root, path);
  if (!isSeq(list) || list.items.length === 0) throw unsafe(path, "it is no list with items");
  if (!isFlow(list)) return addToBlockList(text, list, value, index);
  if (index === list.items.length) return appended(text, root, path, value);
  const [start] = rangeOf(list.items[index]);
  const written = flowText(value, { text, step: stepOf(text) }, list.items[index] as Node);
  return [{ start, end: start, text: `${written}, ` }];
}

function replaced(text: string, root: Node | null, path: YamlPath, value: string | number | boolean): Splice[] {
  const entry = entryAt(root, path);
  if (entry === undefined) throw unsafe(path, "it is not there");
  const like = nodeAt(root, path) ?? undefined;
  const written = scalarText(value, like, isFlow(entry.map));
  if (isEmptyValue(like)) return fillOnLine(text, entry.pair, written);
  if (!isScalar(like) || like.type?.startsWith("BLOCK") === true) throw unsafe(path, "it is no plain text");
  return [{ ...spanOf(like), text: written }];
}

function removed(text: string, root: Node | null, path: YamlPath, whenEmpty: WhenEmpty): Splice[] {
  const parentPath = path.slice(0, -1);
  const parent = nodeAt(root, parentPath);
  if (!isMap(parent) && !isSeq(parent)) throw unsafe(path, "it is not there");
  const index = isMap(parent) ? (entryAt(root, path)?.index ?? -1) : Number(path.at(-1));
  const sole = parent.items.length === 1;
  if (sole && whenEmpty === "prune") return removed(text, root, parentPath, "nothing");
  const holder = sole ? entryAt(root, parentPath) : undefined;
  if (isFlow(parent))
    return sole && whenEmpty === "nothing" ? withoutFlow(text, holder?.pair) : removeFromFlow(text, parent, index);
  const part: unknown = parent.items[index];
  const extent = isMap(parent) ? entryExtent(text, part as Pair) : itemExtent(text, part);
  const lines = removeLines(text, extent, index === parent.items.length - 1);
  if (!sole || whenEmpty === "nothing") return lines;
  if (holder === undefined) throw unsafe(path, "nothing would be left");
  const colon = colonEnd(text, holder.pair);
  return [...lines, { start: colon, end: colon, text: " {}" }];
}

/** Leaves nothing behind a key whose value is in braces or brackets. */
function withoutFlow(text: string, pair: Pair | undefined): Splice[] {
  if (pair === undefined) throw unsafe([], "nothing would be left");
  const start = colonEnd(text, pair);
  return [{ start, end: rangeOf(pair.value)[1], text: "" }];
}

function wholeText(text: string, value: YamlValue): Splice {
  const lines = Object.entries(value as YamlMapping).flatMap(([key, one]) => entryLines(key, one, { text, step: 2 }));
  const head = text === "" || text.endsWith("\n") ? "" : "\n";
  return { start: text.length, end: text.length, text: `${head}${lines.join("\n")}\n` };
}

function wrapped(path: YamlPath, value: YamlValue): YamlValue {
  return path.reduceRight<YamlValue>((inside, key) => ({ [String(key)]: inside }), value);
}

function spanOf(node: unknown): { start: number; end: number } {
  const [start, end] = rangeOf(node);
  return { start, end };
}
