import { canonicalJson, sha256 } from "../sql/plans/definition";
import type { JsonValue, Target } from "./migration-set";
import { fillShape, fillText, placeholderIn, valueOf } from "./substitute";

/** Canonical JSON of a part of a shape, or what makes it for a schema; undefined: the key isn't there. */
type Part = string | ((target: Target) => string | undefined);

/**
 * Prepares the hash of a shape: `sha256(canonicalJson(fillShape(shape, target)))`, at a tenth of the price. A shape has
 * a few placeholders among hundreds of values, and a thousand tables are compared at a time.
 */
export function shapeHasher(shape: JsonValue): (target: Target) => string {
  const part = prepare(shape);
  return (target) => sha256(textOf(part, target) ?? "");
}

function prepare(value: JsonValue): Part {
  const plain = plainText(value);
  if (plain !== undefined) return plain;
  if (typeof value === "string") {
    return value.includes("{{") ? ({ schema }) => JSON.stringify(fillText(value, schema)) : JSON.stringify(value);
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isList(value)) return joined("[", value.map(prepare), "]");
  // Where a key is filled in, its place is known only then.
  if (Object.keys(value).some((key) => key.includes("{{"))) return (target) => canonicalJson(fillShape(value, target));
  return joined(
    "{",
    keysOf(value).map((key) => entry([key, value[key] ?? null])),
    "}",
  );
}

/** Canonical JSON of a value without placeholders, which most are; undefined when it has any. */
function plainText(value: JsonValue): string | undefined {
  if (typeof value === "string") return value.includes("{{") ? undefined : JSON.stringify(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  let text = "";
  if (isList(value)) {
    for (const part of value) {
      const own = plainText(part);
      if (own === undefined) return undefined;
      text += text === "" ? own : `,${own}`;
    }
    return `[${text}]`;
  }
  for (const key of keysOf(value)) {
    const own = key.includes("{{") ? undefined : plainText(value[key] ?? null);
    if (own === undefined) return undefined;
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${own}`;
  }
  return `{${text}}`;
}

const NUMBER = /^\d/;

/** Keys in the order of canonical JSON: sorted, but for those that are numbers, which come first in every object. */
function keysOf(value: { readonly [key: string]: JsonValue }): string[] {
  const keys = Object.keys(value).sort();
  if (!keys.some((key) => NUMBER.test(key))) return keys;
  return Object.keys(Object.fromEntries(keys.map((key) => [key, null])));
}

function entry([key, value]: [string, JsonValue]): Part {
  const head = `${JSON.stringify(key)}:`;
  const name = placeholderIn(value);
  if (name !== undefined) {
    return (target) => {
      const found = valueOf(name, target);
      return found === undefined ? undefined : head + canonicalJson(found);
    };
  }
  const part = prepare(value);
  return typeof part === "string" ? head + part : (target) => head + (part(target) ?? "");
}

function joined(open: string, parts: readonly Part[], close: string): Part {
  const all = parts.every((part) => typeof part === "string");
  if (all) return open + parts.join(",") + close;
  return (target) => {
    const texts = parts.map((part) => textOf(part, target)).filter((text) => text !== undefined);
    return open + texts.join(",") + close;
  };
}

function textOf(part: Part, target: Target): string | undefined {
  return typeof part === "string" ? part : part(target);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
