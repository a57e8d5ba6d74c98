import { isAlias, isCollection, isMap, isPair, isScalar, isSeq, parseDocument } from "yaml";
import type { Node, Pair, Scalar, YAMLMap } from "yaml";
import { CdcError } from "../../lib/errors";
import { formatKey } from "../config-error";

/** Keys and positions that lead to a place in a file. */
export type YamlPath = readonly (string | number)[];

/** A key of a mapping with its value. */
export interface MapEntry {
  readonly map: YAMLMap;
  readonly pair: Pair;
  /** Position among the keys of the mapping. */
  readonly index: number;
}

/** The nodes of a YAML text, with their offsets in it; the text itself is what is edited. Throws CdcError (CDC_EDIT_UNSAFE). */
export function parseTree(text: string): Node | null {
  const document = parseDocument(text, { schema: "core", uniqueKeys: false, logLevel: "error" });
  const [error] = document.errors;
  if (error !== undefined) throw unsafe([], (error.message.split("\n")[0] ?? "").replace(/:$/, ""));
  return document.contents;
}

/** The node that a path leads to; undefined when there is none. Throws CdcError when the way leads through an alias. */
export function nodeAt(root: Node | null, path: YamlPath): Node | null | undefined {
  let node: Node | null | undefined = root;
  path.forEach((key, depth) => {
    if (isAlias(node)) throw aliased(path.slice(0, depth));
    if (isMap(node)) node = pairOf(node, key)?.value as Node | null | undefined;
    else node = isSeq(node) ? (node.items[Number(key)] as Node | undefined) : undefined;
  });
  if (isAlias(node)) throw aliased(path);
  return node;
}

/** The entry of a mapping that a path leads to; undefined when there is none. */
export function entryAt(root: Node | null, path: YamlPath): MapEntry | undefined {
  const map = nodeAt(root, path.slice(0, -1));
  if (!isMap(map)) return undefined;
  const key = path.at(-1);
  const index = map.items.findIndex((pair) => keyOf(pair) === String(key));
  const pair = map.items[index];
  return pair === undefined ? undefined : { map, pair, index };
}

/** Key of an entry as text. */
export function keyOf(pair: Pair): string {
  const key: unknown = isScalar(pair.key) ? pair.key.value : null;
  return typeof key === "string" ? key : JSON.stringify(key);
}

/** Whether a value is there but says nothing: left out, `~`, `null`. */
export function isEmptyValue(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}

/** Whether a node is written in brackets or braces. */
export function isFlow(node: unknown): boolean {
  return isCollection(node) && node.flow === true;
}

/** Where the text of a node begins and ends, comments and line ends not counted. */
export function rangeOf(node: unknown): readonly [number, number] {
  const range = (node as { range?: readonly number[] | null } | null)?.range;
  const [start, end] = range ?? [];
  if (start === undefined || end === undefined) throw unsafe([], "a part of it has no place in the text");
  return [start, end];
}

/** Offset after the last character of an entry or item, whatever is nested in it. */
export function contentEnd(part: unknown, text: string): number {
  if (isPair(part)) {
    const keyEnd = rangeOf(part.key)[1];
    return hasText(part.value, text) ? contentEnd(part.value, text) : keyEnd;
  }
  if (isCollection(part) && part.flow !== true) return contentEnd(part.items.at(-1), text);
  const [start, end] = rangeOf(part);
  return isBlockScalar(part) ? blockScalarEnd(text, start, end) : end;
}

/** Whether a value is written out, be it as null. */
export function hasText(node: unknown, text: string): boolean {
  if (node === null || node === undefined) return false;
  const [start, end] = rangeOf(node);
  return end > start && text.slice(start, end).trim() !== "";
}

function isBlockScalar(node: unknown): node is Scalar {
  return isScalar(node) && (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED");
}

/** Blank lines after a block scalar belong to what follows, unless its header keeps them. */
function blockScalarEnd(text: string, start: number, end: number): number {
  const keeps = /^[|>]\d*\+/.test(text.slice(start, end));
  const written = text.slice(start, end);
  return start + (keeps ? written.replace(/\r?\n$/, "") : written.trimEnd()).length;
}

function pairOf(map: YAMLMap, key: string | number): Pair | undefined {
  return map.items.find((pair) => keyOf(pair) === String(key));
}

/** An edit that could not be made without touching what it must not touch. Code CDC_EDIT_UNSAFE. */
export function unsafe(path: YamlPath, reason: string): CdcError {
  const place = path.length === 0 ? "the file" : formatKey(path);
  const hint = "Make this change by hand; `cdc validate` checks it.";
  return new CdcError("CDC_EDIT_UNSAFE", `${place} cannot be edited here: ${reason}`, { hint });
}

function aliased(path: YamlPath): CdcError {
  return unsafe(path, "it is an alias, and what it stands for is used elsewhere too");
}
