import { describeCheck, type StoredCheck } from "../../model/hazard";
import { ident, integer, joinSql, literal, sql, userSql, type Sql } from "../sql";
import { renderTemplate } from "../template";

/** A column whose stored rows are checked, and where it goes. */
export interface CheckedColumn {
  readonly table: Sql;
  /** Such as `cust01.Actor.Name`. */
  readonly object: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** The converted value, when the change has a USING clause. */
  readonly using?: Sql;
}

/** A statement that raises SQLSTATE CDC05 when a stored row breaks the check, and locks the table until the change. */
export function checkStatement(column: CheckedColumn, check: StoredCheck, hint: string): Sql {
  return renderTemplate("postgres/table/check.sql", {
    table: column.table,
    broken:
      check.kind === "unique"
        ? duplicates(column.table, check.columns)
        : sql`SELECT FROM ${column.table} AS t WHERE ${brokenBy(column, check)}`,
    reason: literal(`${column.object}: refused, because it is not so that ${describeCheck(check)}`),
    hint: literal(hint),
  });
}

function brokenBy(column: CheckedColumn, check: Exclude<StoredCheck, { kind: "unique" }>): Sql {
  const value = sql`t.${ident(column.name)}`;
  switch (check.kind) {
    case "max-length":
      return sql`length(${value}::text) > ${integer(check.characters)}`;
    case "range":
      return sql`${value} NOT BETWEEN ${userSql(check.min)} AND ${userSql(check.max)}`;
    case "digits":
      return sql`(${value}::numeric <> round(${value}::numeric, ${integer(check.scale)}) OR abs(${value}::numeric) >= 1e${integer(check.precision - check.scale)})`;
    case "fraction":
      return sql`${value} <> ${value}::${userSql(`${baseName(column.from)}(${String(check.digits)})`)}`;
    case "midnight":
      return sql`(${value}${column.from.startsWith("timestamptz") ? userSql(" AT TIME ZONE 'UTC'") : userSql("")})::time <> '00:00'`;
    case "round-trip":
      return sql`${value} IS DISTINCT FROM ${column.using ?? value}::${userSql(column.to)}::${userSql(column.from)}`;
    case "parses":
      return sql`(${value}::${userSql(column.to)})::text IS NULL AND ${value} IS NOT NULL`;
    case "no-nulls":
      return sql`${value} IS NULL`;
    case "no-rows":
      return userSql("true");
  }
}

function duplicates(table: Sql, columns: readonly string[]): Sql {
  const names = columns.map((name) => sql`t.${ident(name)}`);
  const missing = names.map((name) => sql`${name} IS NULL`);
  return sql`SELECT FROM ${table} AS t GROUP BY ${joinSql(names, ", ")} HAVING count(*) > 1 OR ${joinSql(missing, " OR ")}`;
}

/** The type without its parameters. */
function baseName(type: string): string {
  return type.replace(/\(.*\)$/, "");
}
