/** SQL text that is safe to send: made by this room from quoted parts. Only the functions of this file make one. */
export type Sql = string & { readonly __sql: "sql" };

/** Longest identifier that PostgreSQL keeps, in bytes of UTF-8; it cuts longer ones silently. */
export const MAX_IDENTIFIER_BYTES = 63;

/** A quoted identifier. Throws RangeError for what PostgreSQL cannot hold: empty, over 63 bytes, or with a NUL. */
export function ident(name: string): Sql {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0 || bytes > MAX_IDENTIFIER_BYTES || name.includes("\0")) {
    throw new RangeError(`not an identifier of 1 to ${String(MAX_IDENTIFIER_BYTES)} bytes: ${JSON.stringify(name)}`);
  }
  return `"${name.replaceAll('"', '""')}"` as Sql;
}

/** A quoted string constant, or NULL. Throws RangeError for a text with a NUL, which PostgreSQL cannot hold. */
export function literal(text: string | null): Sql {
  if (text === null) return "NULL" as Sql;
  if (text.includes("\0")) throw new RangeError("a text with a NUL character cannot be stored in PostgreSQL");
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return (text.includes("\\") ? ` E${quoted.replaceAll("\\", "\\\\")}` : quoted) as Sql;
}

/** A schema-qualified, quoted name. */
export function qualified(schema: string, name: string): Sql {
  return `${ident(schema)}.${ident(name)}` as Sql;
}

/** SQL that the user wrote, such as a DEFAULT expression: taken as it is, since who writes the YAML owns the tables. */
export function userSql(text: string): Sql {
  return text as Sql;
}

/** A whole number as SQL. */
export function integer(value: number): Sql {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not an integer: ${String(value)}`);
  return String(value) as Sql;
}

/** Joins parts with a separator of ours. */
export function joinSql(parts: readonly Sql[], separator: string): Sql {
  return parts.join(separator) as Sql;
}

/** Tag for statements of ours: every value must already be SQL. */
export function sql(strings: TemplateStringsArray, ...values: readonly Sql[]): Sql {
  let text = strings[0] ?? "";
  for (const [index, value] of values.entries()) text += value + (strings[index + 1] ?? "");
  return text as Sql;
}

/** `text` as a dollar-quoted string whose tag doesn't occur in it. */
export function dollarQuoted(text: string, tag = "sql"): Sql {
  let free = tag;
  while (text.includes(`$${free}$`) || text.endsWith(`$${free}`)) free += "_";
  return `$${free}$${text}$${free}$` as Sql;
}
