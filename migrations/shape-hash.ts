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
  if (typeof value === "string") {
    return value.includes("{{") ? ({ schema }) => JSON.stringify(fillText(value, schema)) : JSON.stringify(value);
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isList(value)) return joined("[", value.map(prepare), "]");
  // Where a key is filled in, its place is known only then.
  if (Object.keys(value).some((key) => key.includes("{{"))) return (target) => canonicalJson(fillShape(value, target));
  const sorted = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  // Made an object again as canonicalJson does, because keys that are numbers come first in one.
  return joined("{", Object.entries(Object.fromEntries(sorted)).map(entry), "}");
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
