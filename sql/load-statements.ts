import { ident, joinSql, qualified, sql, type Sql } from "./sql";

/** Names that the statements of a load need. */
export interface LoadTarget {
  readonly schema: string;
  readonly staging: string;
  readonly procedure: string;
}

/** `COPY` of the columns into the staging table, in text format, UTF-8 whatever the session says. */
export function copyIntoStaging({ schema, staging }: LoadTarget, columns: readonly string[]): Sql {
  const list = joinSql(columns.map(ident), ", ");
  return sql`COPY ${qualified(schema, staging)} (${list}) FROM STDIN WITH (FORMAT text, ENCODING 'UTF8')`;
}

/** The merge of all that is staged; answers one row with `result`. */
export function callMerge({ schema, procedure }: LoadTarget): Sql {
  return sql`CALL ${qualified(schema, procedure)}(NULL)`;
}
