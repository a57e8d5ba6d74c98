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

/** Finds the registration, which is the last statement but one; undefined in a text without. Throws RangeError when it can't be read. */
export function registrationIn(text: string): Registration | undefined {
  const at = text.lastIndexOf(BEGIN);
  if (at < 0) return undefined;
  let from = text.indexOf("VALUES (", at) + "VALUES (".length;
  for (let index = 0; index < 4; index += 1) from = literalAt(text, from).end + ", ".length;
  const { end, value } = literalAt(text, from);
  return { start: from, end, shape: JSON.parse(value) as JsonValue };
}

/** Reads a string constant as {@link ../sql/sql.literal} writes it. */
export function literalAt(text: string, at: number): { readonly end: number; readonly value: string } {
  LITERAL.lastIndex = at;
  const found = LITERAL.exec(text);
  if (found === null) throw new RangeError(`no string constant at ${String(at)}: ${text.slice(at, at + 40)}`);
  const plain = (found[2] ?? "").replaceAll("''", "'");
  return { end: LITERAL.lastIndex, value: found[1] === "E" ? plain.replaceAll("\\\\", "\\") : plain };
}
