import { changeTable } from "./capture-statements";
import { bracketed, bracketedName } from "./quote";
import { keyOperand, type SentValue, type SourceKeyColumn } from "./key-values";
import { integer, joinSql, sql, userSql, type Sql } from "../sql";

/** A primary key, or a unique index over all rows, of a source table. */
export interface SourceKey {
  readonly name: string;
  readonly isPrimary: boolean;
  readonly columns: readonly SourceKeyColumn[];
}

/** A question of which the select list is apart, as the reader of rows wants it, and its parameters. */
export interface PreparedSelect {
  readonly select: readonly Sql[];
  readonly from: Sql;
  readonly parameters: readonly SentValue[];
}

/** One part of a table in the order of a key. */
export interface Page {
  readonly schema: string;
  readonly table: string;
  /** Present names of the columns to read; undefined reads NULL. */
  readonly columns: readonly (string | undefined)[];
  readonly key: SourceKey;
  /** Key of the row before, as exact text; absent for the first page. */
  readonly after?: readonly (string | null)[];
  /** How many leading columns of the key are held at `after`'s values: 0 to one less than the key has. */
  readonly held: number;
  /** Only rows where one of these columns is not NULL; none when there is no column. */
  readonly filled?: readonly string[];
  readonly rows: number;
}

/**
 * The rows after a key, in its order. All rows after it are those of the pages with `held` = columns - 1 … 0, one after
 * the other: each is one range of the key's index, so that none costs more than the rows it gives, whatever the server
 * makes of OR. Values are compared by the server only, in the column's own type and collation.
 */
export function selectPage(page: Page): PreparedSelect {
  const parameters: SentValue[] = [];
  const conditions = page.after === undefined ? [] : positionConditions(page, page.after, parameters);
  if (page.filled !== undefined) conditions.push(sql`(${anyFilled(page.filled)})`);
  const where = conditions.length === 0 ? userSql("") : sql` WHERE ${joinSql(conditions, " AND ")}`;
  const order = joinSql(
    page.key.columns.map(({ name }) => bracketed(name)),
    ", ",
  );
  parameters.push({ name: "page_rows", type: "int", value: page.rows });
  return {
    select: page.columns.map((name) => (name === undefined ? userSql("NULL") : bracketed(name))),
    from: sql`FROM ${bracketedName(page.schema, page.table)}${where} ORDER BY ${order} OFFSET 0 ROWS FETCH NEXT @page_rows ROWS ONLY`,
    parameters,
  };
}

function positionConditions(page: Page, after: readonly (string | null)[], parameters: SentValue[]): Sql[] {
  return page.key.columns.slice(0, page.held + 1).map((column, index) => {
    const value = after[index] ?? null;
    const name = bracketed(column.name);
    const isLast = index === page.held;
    // NULL comes before every value.
    if (value === null) return isLast ? sql`${name} IS NOT NULL` : sql`${name} IS NULL`;
    const { operand, parameter } = keyOperand(column, value, `k${String(index)}`);
    parameters.push(parameter);
    return isLast ? sql`${name} > ${operand}` : sql`${name} = ${operand}`;
  });
}

function anyFilled(names: readonly string[]): Sql {
  if (names.length === 0) return userSql("1 = 0");
  return joinSql(
    names.map((name) => sql`${bracketed(name)} IS NOT NULL`),
    " OR ",
  );
}

/** A column whose values are wanted. */
export interface LookupColumn extends SourceKeyColumn {
  /** The wanted value is cut off: any value up to so many nanoseconds later is meant. Of times with 7 digits. */
  readonly lostNs?: number;
}

/** Rows with certain values in some columns. */
export interface Lookup {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly (string | undefined)[];
  readonly by: readonly LookupColumn[];
  /** Exact text of each wanted row's values, none of them NULL. */
  readonly values: readonly (readonly string[])[];
}

/** Most values that one {@link selectByKeys} may send. */
export const MAX_LOOKUP_VALUES = 1_000;

/** The rows that have one of the keys. */
export function selectByKeys({ schema, table, columns, by, values }: Lookup): PreparedSelect {
  const parameters: SentValue[] = [];
  const wanted = values.map((row, rowIndex) => {
    const operands = by.map((column, index) => {
      const { operand, parameter } = keyOperand(column, row[index] ?? "", `k${String(rowIndex)}_${String(index)}`);
      parameters.push(parameter);
      return operand;
    });
    return sql`(${joinSql(operands, ", ")})`;
  });
  const names = by.map((_column, index) => userSql(`v${String(index)}`));
  const on = by.map((column, index) => isWanted(column, sql`w.${names[index] ?? userSql("")}`));
  return {
    select: columns.map((name) => (name === undefined ? userSql("NULL") : sql`t.${bracketed(name)}`)),
    from: sql`FROM (VALUES ${joinSql(wanted, ", ")}) AS w (${joinSql(names, ", ")}) JOIN ${bracketedName(schema, table)} AS t ON ${joinSql(on, " AND ")}`,
    parameters,
  };
}

function isWanted({ name, lostNs }: LookupColumn, wanted: Sql): Sql {
  const column = sql`t.${bracketed(name)}`;
  if (lostNs === undefined) return sql`${column} = ${wanted}`;
  return sql`${column} >= ${wanted} AND ${column} <= DATEADD(nanosecond, ${integer(lostNs)}, ${wanted})`;
}

/** The highest LSN that the source has captured, as hex text; NULL before the first capture. */
export const MAX_LSN = userSql("SELECT CONVERT(char(20), sys.fn_cdc_get_max_lsn(), 2) AS max_lsn");

/** LSN of the newest change that an instance has, as hex text; NULL when it has none. */
export function lastChange(instance: string): Sql {
  return sql`SELECT CONVERT(char(20), MAX([__$start_lsn]), 2) AS last_change FROM ${changeTable(instance)}`;
}

/**
 * The keys of the table `@schema`.`@table`, a row per column in the key's order: `name`, `is_primary`, `column_name`,
 * `type`, `max_length`, `precision`, `scale`, `collation`, `is_nullable`. No row: no such key.
 */
export const SOURCE_KEYS = userSql(`SELECT i.name AS name, i.is_primary_key AS is_primary, c.name AS column_name,
  COALESCE(b.name, t.name) AS type, c.max_length AS max_length, c.precision AS precision, c.scale AS scale,
  c.collation_name AS collation, c.is_nullable AS is_nullable
FROM sys.tables AS o
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.indexes AS i ON i.object_id = o.object_id
JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id
JOIN sys.columns AS c ON c.object_id = x.object_id AND c.column_id = x.column_id
JOIN sys.types AS t ON t.user_type_id = c.user_type_id
LEFT JOIN sys.types AS b ON b.user_type_id = c.system_type_id
WHERE s.name = @schema AND o.name = @table AND i.is_unique = 1 AND i.has_filter = 0 AND i.is_disabled = 0
  AND i.is_hypothetical = 0 AND x.key_ordinal > 0
ORDER BY i.is_primary_key DESC, i.index_id, x.key_ordinal`);

/** Names and types of a table's columns, as {@link SOURCE_KEYS} tells those of keys. */
export const SOURCE_COLUMNS = userSql(`SELECT c.name AS column_name, COALESCE(b.name, t.name) AS type,
  c.max_length AS max_length, c.precision AS precision, c.scale AS scale, c.collation_name AS collation,
  c.is_nullable AS is_nullable
FROM sys.tables AS o
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.columns AS c ON c.object_id = o.object_id
JOIN sys.types AS t ON t.user_type_id = c.user_type_id
LEFT JOIN sys.types AS b ON b.user_type_id = c.system_type_id
WHERE s.name = @schema AND o.name = @table
ORDER BY c.column_id`);
