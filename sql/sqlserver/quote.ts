import type { Sql } from "../sql";

/** Longest identifier of SQL Server in UTF-16 units. */
const MAX_NAME_LENGTH = 128;

/** A bracketed identifier of SQL Server. Throws RangeError for what it cannot hold: empty, over 128 units, or with a NUL. */
export function bracketed(name: string): Sql {
  if (name === "" || name.length > MAX_NAME_LENGTH || name.includes("\0"))
    throw new RangeError(
      `not a SQL Server identifier of 1 to ${String(MAX_NAME_LENGTH)} units: ${JSON.stringify(name)}`,
    );
  return `[${name.replaceAll("]", "]]")}]` as Sql;
}

/** A schema-qualified, bracketed name. */
export function bracketedName(schema: string, name: string): Sql {
  return `${bracketed(schema)}.${bracketed(name)}` as Sql;
}

/** A Unicode string constant of T-SQL, or NULL. Prefer parameters; procedures' names and the like cannot be one. */
export function nText(text: string | null): Sql {
  return (text === null ? "NULL" : `N'${text.replaceAll("'", "''")}'`) as Sql;
}
