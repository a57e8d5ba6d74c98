import { canonicalType } from "../model/sink-type";
import { sql, userSql, type Sql } from "./sql";

/**
 * Statements that make PostgreSQL spell a DEFAULT expression its own way: the last one's only row has it as `expression`.
 * They leave nothing behind. Undefined when the type isn't a plain type name.
 */
export function defaultProbe(type: string, expression: string): readonly Sql[] | undefined {
  const plain = canonicalType(type);
  if (plain === undefined) return undefined;
  return [
    sql`CREATE TEMP TABLE cdc_default_probe (c ${userSql(plain)} DEFAULT ${userSql(expression)}) ON COMMIT DROP`,
    sql`SELECT pg_get_expr(adbin, adrelid) AS expression FROM pg_attrdef WHERE adrelid = 'pg_temp.cdc_default_probe'::regclass`,
  ];
}
