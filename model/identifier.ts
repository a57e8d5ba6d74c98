/** Longest identifier of PostgreSQL, in bytes of UTF-8. */
export const MAX_IDENTIFIER_BYTES = 63;
/** Longest identifier of SQL Server, in UTF-16 units. */
const MAX_SOURCE_UNITS = 128;
/** `_` and ten hexadecimal digits. */
const SUFFIX_BYTES = 11;

/** Columns that every PostgreSQL table has by itself. */
const SYSTEM_COLUMNS = new Set(["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"]);

/** Why a name can't be an identifier on either side; undefined when it can. */
export function identifierFault(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.includes("\0")) return "contains a NUL character";
  if (/\p{Surrogate}/u.test(name)) return "contains half of a surrogate pair";
  if (name.length > MAX_SOURCE_UNITS) return `is longer than ${String(MAX_SOURCE_UNITS)} characters`;
  return undefined;
}

/** Why a name can't be a schema of PostgreSQL that we make; undefined when it can. */
export function schemaFault(name: string): string | undefined {
  const fault = identifierFault(name);
  if (fault !== undefined) return fault;
  if (name.startsWith("pg_")) return "starts with pg_, which PostgreSQL keeps for itself";
  if (name === "information_schema" || name === "cdc_management")
    return "is the name of a schema that is already taken";
  return undefined;
}

/**
 * The name in PostgreSQL: the same when it fits 63 bytes, else as many whole characters as fit, `_` and
 * ten digits of a hash of the full name. Stable, and different names stay different.
 */
export function sinkName(name: string): string {
  return utf8Length(name) <= MAX_IDENTIFIER_BYTES ? name : hashed(name);
}

/** {@link sinkName} of a column; a name that PostgreSQL has for itself in every table gets the hash as well. */
export function sinkColumnName(name: string): string {
  return SYSTEM_COLUMNS.has(name) ? hashed(name) : sinkName(name);
}

/** A name made from another, such as `stg_` and the table's, case kept, at most 63 bytes. */
export function derivedName(prefix: string, name: string): string {
  return sinkName(`${prefix}${name}`);
}

export const stagingName = (table: string): string => derivedName("stg_", table);
export const procedureName = (table: string): string => derivedName("sp_merge_", table);
export const primaryKeyName = (table: string): string => derivedName("pk_", table);
export const syncIndexName = (table: string): string => derivedName("ix_sync_", table);

/** Bytes of the text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += characterBytes(character);
  return bytes;
}

function characterBytes(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

function hashed(name: string): string {
  let bytes = 0;
  let prefix = "";
  for (const character of name) {
    bytes += characterBytes(character);
    if (bytes > MAX_IDENTIFIER_BYTES - SUFFIX_BYTES) break;
    prefix += character;
  }
  return `${prefix}_${hashText(name)}`;
}

/** Ten hexadecimal digits of a 53-bit hash (cyrb53); no secret, only well spread. */
export function hashText(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (low >>> 0).toString(16).padStart(8, "0") + ((high >>> 0) & 0xff).toString(16).padStart(2, "0");
}
