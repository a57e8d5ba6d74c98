import { CdcError } from "../lib/errors";
import { canonicalJson, sha256 } from "../sql/plans/definition";
import { literal } from "../sql/sql";
import type { JsonValue, Target } from "./migration-set";
import { registrationIn } from "./registration";

/** A text of a file, ready to be filled in for many schemas. */
export type Filler = (target: Target) => string;

const MARKS = /\{\{(SCHEMA|SHAPE_HASH|OPEN)\}\}/g;
const VALUE = /^\{\{(?!OPEN\}\})(.+)\}\}$/s;

/**
 * The statements of a file's body for one schema: exactly what the planner gives for that schema's table.
 * For many schemas take {@link fillerOf} once.
 */
export function substitute(body: string, target: Target): string {
  return fillerOf(body)(target);
}

/** Prepares a body: what is filled in later costs little per schema. */
export function fillerOf(body: string): Filler {
  const registration = registrationIn(body);
  if (registration === undefined) return ({ schema }) => fillText(body, schema, "");
  const [before, after] = [body.slice(0, registration.start), body.slice(registration.end)];
  return (target) => {
    const shape = fillShape(registration.shape, target);
    const hash = sha256(canonicalJson(shape));
    return (
      fillText(before, target.schema, hash) + literal(JSON.stringify(shape)) + fillText(after, target.schema, hash)
    );
  };
}

/** Puts a schema's values into the shape of a registration; a placeholder without value takes its key away. */
export function fillShape(shape: JsonValue, target: Target): JsonValue {
  if (typeof shape === "string") return fillText(shape, target.schema, "");
  if (typeof shape !== "object" || shape === null) return shape;
  if (isList(shape)) return shape.map((part) => fillShape(part, target));
  const entries = Object.entries(shape).flatMap(([key, part]): [string, JsonValue][] => {
    const name = placeholderIn(part);
    const own = fillText(key, target.schema, "");
    if (name === undefined) return [[own, fillShape(part, target)]];
    const value = valueOf(name, target);
    return value === undefined ? [] : [[own, value]];
  });
  return Object.fromEntries(entries);
}

/** Plain text, such as an object's name, with its placeholders filled in. */
export function fillText(text: string, schema: string, hash = ""): string {
  return text.replace(MARKS, (_all, mark: string) => (mark === "SCHEMA" ? schema : mark === "OPEN" ? "{{" : hash));
}

/** The text, so that no name of the user's can look like a placeholder. */
export function protect(text: string): string {
  return text.replaceAll("{{", "{{OPEN}}");
}

/** The placeholder that a whole value is, without braces; undefined when it is none. */
export function placeholderIn(part: JsonValue): string | undefined {
  if (typeof part !== "string" || part === "{{SCHEMA}}") return undefined;
  const name = VALUE.exec(part)?.[1];
  return name === undefined ? undefined : fillText(name, "{{SCHEMA}}");
}

/**
 * What a placeholder stands for. A source database and a customer may be unknown (undefined); a column's value may
 * not: throws CdcError (CDC_PLACEHOLDER_UNKNOWN).
 */
export function valueOf(name: string, { schema, tenant, values }: Target): JsonValue | undefined {
  if (name === "TENANT") return tenant;
  if (Object.hasOwn(values, name)) return values[name];
  if (!name.startsWith("VALUE")) return undefined;
  throw new CdcError("CDC_PLACEHOLDER_UNKNOWN", `the manifest has no ${name} for schema ${schema}`, {
    hint: "The files and the manifest are not of one run: run `cdc manage-migrations generate`.",
  });
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
