import type { ModelChange } from "../../model/diff";
import { ident, sql, userSql, type Sql } from "../sql";
import { checkStatement } from "./stored-check";

/** The statements of one column change on a table, its check first. */
export function alterColumn(table: Sql, change: ModelChange): Sql[] {
  const { column, to } = change;
  if (column === undefined) return [];
  const name = ident(column);
  const alter = (action: Sql): Sql => sql`ALTER TABLE ${table} ${action}`;
  switch (change.kind) {
    case "COLUMN_ADDED":
      return to === undefined
        ? []
        : [...checked(table, change), alter(sql`ADD COLUMN IF NOT EXISTS ${name} ${columnSql(to)}`)];
    case "COLUMN_TYPE_CHANGED":
      return typeStatements(table, change, name);
    case "NULLABILITY_CHANGED":
      return [
        ...checked(table, change),
        alter(sql`ALTER COLUMN ${name} ${userSql(to?.nullable === true ? "DROP" : "SET")} NOT NULL`),
      ];
    case "DEFAULT_CHANGED":
      return [
        alter(
          to?.default === undefined
            ? sql`ALTER COLUMN ${name} DROP DEFAULT`
            : sql`ALTER COLUMN ${name} SET DEFAULT ${userSql(to.default)}`,
        ),
      ];
    default:
      return [];
  }
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

function usingExpression({ column = "", from, to, typeChange }: ModelChange): Sql | undefined {
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
