import { load, CORE_SCHEMA } from "js-yaml";
import { isCollection, isMap, isScalar, isSeq, parse } from "yaml";
import type { Node, Pair } from "yaml";
import { isFlow, keyOf, rangeOf } from "./yaml-tree";

const CONTROL = /[\p{Cc}\u2028\u2029\ufeff]/u;

// Most names and types: the parsers need not be asked.
const PLAIN_WORD = /^[A-Za-z_]\w*(?:\(\w+\))?$/;
const OTHER_WORD = /^(?:true|false|yes|no|on|off|null|y|n)$/i;

const PARSERS: readonly ((text: string) => unknown)[] = [
  (text) => parse(text, { schema: "core", logLevel: "silent" }) as unknown,
  (text) => parse(text, { version: "1.1", logLevel: "silent" }) as unknown,
  (text) => load(text, { schema: CORE_SCHEMA }),
];

/** What is put into a file. */
export type YamlValue = string | number | boolean | null | readonly YamlValue[] | YamlMapping;
export interface YamlMapping {
  readonly [key: string]: YamlValue;
}

/** How the neighbours of a new part are written. */
export interface Manner {
  readonly text: string;
  /** Spaces per level. */
  readonly step: number;
}

/** Lines of `key: value` in block style, without indentation and line ends; written like the neighbour, if there is one. */
export function entryLines(key: string, value: YamlValue, manner: Manner, neighbour?: Pair): string[] {
  const name = `${keyText(key, neighbour, false)}:`;
  const like = neighbour?.value as Node | undefined;
  if (value === null) return [name];
  if (isList(value) && !isBlockList(value, like)) return [`${name} ${flowText(value, manner, like)}`];
  if (isList(value)) return [name, ...value.flatMap((one) => indented(itemLines(one, manner), manner.step))];
  if (isMapping(value) && Object.keys(value).length > 0 && !isFlow(like))
    return [name, ...mappingLines(value, manner, like).map((line) => " ".repeat(manner.step) + line)];
  return [`${name} ${typeof value === "object" ? flowText(value, manner, like) : scalarText(value, like, false)}`];
}

/** Lines of the entries of a mapping in block style. */
export function mappingLines(value: YamlMapping, manner: Manner, like?: Node | null): string[] {
  return Object.entries(value).flatMap(([key, one]) => entryLines(key, one, manner, neighbourIn(like, key, one)));
}

/** Lines of a list item, from its dash; a mapping is in block style when its neighbour is. */
export function itemLines(value: YamlValue, manner: Manner, like?: Node): string[] {
  if (typeof value !== "object" || value === null) return [`- ${scalarText(value, like, false)}`];
  if (isMapping(value) && isMap(like) && !isFlow(like)) return dashed(mappingLines(value, manner, like));
  return [`- ${flowText(value, manner, like)}`];
}

/** Lines as an item of a list in block style. */
export function dashed(lines: readonly string[]): string[] {
  return lines.map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
}

/** A value on one line, in brackets or braces where it has parts. */
export function flowText(value: YamlValue, manner: Manner, like?: Node | null): string {
  if (isList(value))
    return `[${padded(value.map((one) => flowText(one, manner, itemLike(like))).join(", "), manner, like, "")}]`;
  if (!isMapping(value)) return scalarText(value, like ?? undefined, true);
  return `{${padded(flowEntries(value, manner, like).join(", "), manner, like, " ")}}`;
}

/** Parts of a mapping in braces. */
export function flowEntries(value: YamlMapping, manner: Manner, like?: Node | null): string[] {
  return Object.entries(value).map(([key, one]) => {
    const neighbour = neighbourIn(like, key, one);
    return `${keyText(key, neighbour, true)}: ${flowText(one, manner, neighbour?.value as Node | undefined)}`;
  });
}

/** The entry of a mapping that a new one is written like: of the same key, else the last of the same kind. */
export function neighbourIn(map: Node | null | undefined, key: string, value: YamlValue): Pair | undefined {
  if (!isMap(map)) return undefined;
  const same = map.items.find((pair) => keyOf(pair) === key && kindOf(pair.value) === kindOf(value));
  return same ?? map.items.findLast((pair) => kindOf(pair.value) === kindOf(value)) ?? undefined;
}

/** A scalar: plain where that is safe, else quoted; quoted like the neighbour when that is. */
export function scalarText(value: YamlValue, like: Node | undefined, inFlow: boolean): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const quote = quoteOf(like);
  return quote === undefined && isPlain(value, inFlow) ? value : quoted(value, quote);
}

function keyText(key: string, neighbour: Pair | undefined, inFlow: boolean): string {
  const quote = quoteOf(neighbour?.key);
  // Neighbours that had to be quoted say nothing about a key that hasn't.
  const wanted = neighbour !== undefined && quote !== undefined && isPlain(keyOf(neighbour), inFlow);
  return !wanted && isPlain(key, inFlow) ? key : quoted(key, quote);
}

function quoteOf(node: unknown): "'" | '"' | undefined {
  if (!isScalar(node)) return undefined;
  if (node.type === "QUOTE_SINGLE") return "'";
  return node.type === "QUOTE_DOUBLE" ? '"' : undefined;
}

function quoted(text: string, quote: "'" | '"' | undefined): string {
  // Control characters have no form in single quotes.
  if (quote === "'" && !CONTROL.test(text)) return `'${text.replace(/'/g, "''")}'`;
  return JSON.stringify(text);
}

/** Whether a text without quotes is read back as itself, as key and as value: by both parsers, and by those of YAML 1.1. */
function isPlain(text: string, inFlow: boolean): boolean {
  if (PLAIN_WORD.test(text) && !OTHER_WORD.test(text)) return true;
  if (CONTROL.test(text)) return false;
  const probe = inFlow ? `{${text}: [${text}]}` : `${text}: ${text}`;
  const expected = JSON.stringify({ [text]: inFlow ? [text] : text });
  return PARSERS.every((read) => {
    try {
      return JSON.stringify(read(probe)) === expected;
    } catch {
      return false;
    }
  });
}

function kindOf(value: unknown): "map" | "list" | "scalar" | "nothing" {
  if (value === null || value === undefined || (isScalar(value) && value.value === null)) return "nothing";
  if (isMap(value) || isSeq(value)) return isMap(value) ? "map" : "list";
  if (isScalar(value) || typeof value !== "object") return "scalar";
  return Array.isArray(value) ? "list" : "map";
}

/** `{ a: b }` or `{a: b}`, as the neighbour has it. */
function padded(inside: string, { text }: Manner, like: Node | null | undefined, usual: string): string {
  if (inside === "") return "";
  const pad =
    isCollection(like) && isFlow(like) && like.items.length > 0
      ? (/^[[{]( ?)/.exec(text.slice(rangeOf(like)[0]))?.[1] ?? usual)
      : usual;
  return `${pad}${inside}${pad}`;
}

function isBlockList(value: readonly YamlValue[], like: unknown): boolean {
  return value.length > 0 && isSeq(like) && like.flow !== true;
}

function itemLike(like: Node | null | undefined): Node | undefined {
  return isSeq(like) ? (like.items.at(-1) as Node | undefined) : undefined;
}

function indented(lines: readonly string[], step: number): string[] {
  return lines.map((line) => " ".repeat(step) + line);
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

function isMapping(value: YamlValue): value is YamlMapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
