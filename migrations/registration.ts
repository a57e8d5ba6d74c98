import { CdcError } from "../lib/errors";
import type { JsonValue } from "./migration-set";

/** The part of a staging file that tells `cdc_management` of the table. */
export interface Registration {
  /** Where the literal with the shape begins and ends in the text. */
  readonly start: number;
  readonly end: number;
  readonly shape: JsonValue;
}

const BEGIN = "INSERT INTO cdc_management.merge_control AS c (";
const LITERAL = / ?(E?)'((?:[^']|'')*)'/gy;

/** Finds the registration, which is the last statement but one; undefined in a text without. Throws CdcError (CDC_MIGRATION_UNREADABLE). */
export function registrationIn(text: string): Registration | undefined {
  const at = text.lastIndexOf(BEGIN);
  if (at < 0) return undefined;
  let from = text.indexOf("VALUES (", at) + "VALUES (".length;
  for (let index = 0; index < 4; index += 1) from = literalAt(text, from).end + ", ".length;
  const { end, value } = literalAt(text, from);
  return { start: from, end, shape: parseShape(value) };
}

function parseShape(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw unreadable(`its shape is no JSON: ${text.slice(0, 40)}`, cause);
  }
}

function unreadable(fault: string, cause?: unknown): CdcError {
  const hint = "Take the committed version of the file back, or run `cdc manage-migrations generate --force`.";
  const message = `the registration of a table in a staging file can't be read: ${fault}`;
  return new CdcError("CDC_MIGRATION_UNREADABLE", message, cause === undefined ? { hint } : { hint, cause });
}

/** Reads a string constant as {@link ../sql/sql.literal} writes it. */
export function literalAt(text: string, at: number): { readonly end: number; readonly value: string } {
  LITERAL.lastIndex = at;
  const found = LITERAL.exec(text);
  if (found === null) throw unreadable(`a string constant is expected at: ${text.slice(at, at + 40)}`);
  const plain = (found[2] ?? "").replaceAll("''", "'");
  return { end: LITERAL.lastIndex, value: found[1] === "E" ? plain.replaceAll("\\\\", "\\") : plain };
}
