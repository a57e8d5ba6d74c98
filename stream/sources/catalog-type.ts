import type { TextRow } from "../../databases/sqlserver/run";

const IN_CHARACTERS = ["nchar", "nvarchar"];
const WITH_LENGTH = ["char", "varchar", "binary", "varbinary", ...IN_CHARACTERS];
const WITH_SCALE = ["datetime2", "datetimeoffset", "time"];
const ALWAYS_LARGE = ["text", "ntext", "image", "xml"];

/** A type of `sys.columns` as SQL Server spells it, from `<prefix>type_name`, `…max_length`, `…precision` and `…scale`. */
export function typeText(row: TextRow, prefix: string): string {
  const name = row[`${prefix}type_name`] ?? "";
  if (WITH_LENGTH.includes(name)) return `${name}(${lengthText(name, Number(row[`${prefix}max_length`]))})`;
  const scale = row[`${prefix}scale`] ?? "0";
  if (WITH_SCALE.includes(name)) return `${name}(${scale})`;
  const isDecimal = name === "decimal" || name === "numeric";
  return isDecimal ? `${name}(${row[`${prefix}precision`] ?? "18"},${scale})` : name;
}

/** True for types whose values change tables leave out of an update that doesn't change them. */
export function isLarge(type: string): boolean {
  return type.endsWith("(max)") || ALWAYS_LARGE.includes(type);
}

function lengthText(name: string, bytes: number): string {
  if (bytes < 0) return "max";
  return String(IN_CHARACTERS.includes(name) ? bytes / 2 : bytes);
}
