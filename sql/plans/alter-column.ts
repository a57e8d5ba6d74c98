import type { ModelChange } from "../../model/diff";
import { inSchema } from "../../model/table-hints";
import { ident, qualified, sql, userSql, type Sql } from "../sql";
import { checkStatement } from "./stored-check";

/** A table as its column changes name it. */
export interface AlteredTable {
  readonly schema: string;
  readonly table: string;
}

/** The statements of one column change on a table, its check first. */
export function alterColumn({ schema, table: name }: AlteredTable, change: ModelChange): Sql[] {
  const { column, to } = change;
  if (column === undefined || to === undefined) return [];
  const table = qualified(schema, name);
  const alter = (action: Sql): Sql => sql`ALTER TABLE ${table} ${action}`;
  const required = [
    ...prepared(schema, change),
    ...checked(table, change),
    alter(sql`ALTER COLUMN ${ident(column)} SET NOT NULL`),
  ];
  switch (change.kind) {
    case "COLUMN_ADDED":
      return change.preSql === undefined
        ? [...checked(table, change), alter(sql`ADD COLUMN IF NOT EXISTS ${ident(column)} ${columnSql(to)}`)]
        : [alter(sql`ADD COLUMN IF NOT EXISTS ${ident(column)} ${columnSql({ ...to, nullable: true })}`), ...required];
    case "COLUMN_TYPE_CHANGED":
      return typeStatements(table, change, ident(column));
    case "NULLABILITY_CHANGED":
      return to.nullable ? [alter(sql`ALTER COLUMN ${ident(column)} DROP NOT NULL`)] : required;
    case "DEFAULT_CHANGED":
      return [
        alter(
          to.default === undefined
            ? sql`ALTER COLUMN ${ident(column)} DROP DEFAULT`
            : sql`ALTER COLUMN ${ident(column)} SET DEFAULT ${userSql(to.default)}`,
        ),
      ];
    default:
      return [];
  }
}

/** The user's own statement that fills missing values; `{{SCHEMA}}` in it stands for the schema. */
function prepared(schema: string, { preSql }: ModelChange): Sql[] {
  return preSql === undefined ? [] : [userSql(inSchema(preSql, schema))];
}

/** A column's type, NOT NULL and DEFAULT. */
export function columnSql(column: {
  readonly type: string;
  readonly nullable: boolean;
  readonly default?: string;
}): Sql {
  const standard = column.default === undefined ? "" : ` DEFAULT ${column.default}`;
  return userSql(`${column.type}${standard}${column.nullable ? "" : " NOT NULL"}`);
}

function typeStatements(table: Sql, change: ModelChange, name: Sql): Sql[] {
  const { from, to, typeChange } = change;
  if (from === undefined || to === undefined || typeChange === undefined || typeChange.kind === "impossible") return [];
  const using = usingExpression(change);
  const type = sql`ALTER COLUMN ${name} TYPE ${userSql(to.type)}${using === undefined ? userSql("") : sql` USING ${using}`}`;
  // A default keeps its old type otherwise, and may have no cast.
  const dropped = from.default === undefined ? userSql("") : sql`ALTER COLUMN ${name} DROP DEFAULT, `;
  const set =
    from.default === undefined || to.default === undefined
      ? userSql("")
      : sql`, ALTER COLUMN ${name} SET DEFAULT ${userSql(to.default)}`;
  return [...checked(table, change), sql`ALTER TABLE ${table} ${dropped}${type}${set}`];
}

function usingExpression({ column = "", from, to, typeChange, using }: ModelChange): Sql | undefined {
  if (using !== undefined) return userSql(using);
  const name = ident(column);
  const casts = typeChange?.using ?? [];
  if (typeChange?.timeZone === undefined && casts.length === 0) return undefined;
  // A date would be taken as a timestamptz of the session's time zone.
  const local = from?.type === "date" ? sql`${name}::timestamp` : name;
  const value = typeChange?.timeZone === undefined ? name : sql`(${local} AT TIME ZONE 'UTC')`;
  const all = casts.length === 0 ? [to?.type ?? ""] : casts;
  return all.reduce<Sql>((expression, cast) => sql`${expression}::${userSql(cast)}`, value);
}

function checked(table: Sql, change: ModelChange): Sql[] {
  const { check, object, column = "", from, to } = change;
  if (check === undefined) return [];
  const place = { table, object, name: column, from: from?.type ?? "", to: to?.type ?? "" };
  return [checkStatement(place, check, hintOf(change))];
}

function hintOf({ kind }: ModelChange): string {
  if (kind === "COLUMN_ADDED") return "Make the column nullable or give it a default.";
  if (kind === "NULLABILITY_CHANGED") return "Fill the missing values first, or leave the column nullable.";
  return "Keep the wider type, or correct these rows first.";
}
