import type { TableShape } from "../model/table-shape";
import { parseSinkType } from "../model/sink-type";
import { givenKeys, ownConditions, type OwnRows } from "./snapshot-statements";
import { ident, joinSql, literal, qualified, sql, userSql, type Sql } from "./sql";

/** Rows of the source in the sink's types; seen by one connection only, empty after each transaction. */
const ROWS = userSql("pg_temp.cdc_verify_rows");
/** Keys of the source in the sink's types, until the connection ends. */
const KEYS = userSql("pg_temp.cdc_verify_keys");

/** Two sides of one table. */
export interface Compared {
  readonly shape: TableShape;
  readonly own: OwnRows;
  /** Names in the sink of the columns to compare. */
  readonly columns: readonly string[];
}

/** Makes the connection's own tables for a table of the sink, in place of those for another. */
export function makeCompareTables({ schema, staging, key }: TableShape): Sql {
  return sql`DROP TABLE IF EXISTS ${ROWS}; DROP TABLE IF EXISTS ${KEYS};
CREATE TEMP TABLE cdc_verify_rows ON COMMIT DELETE ROWS AS SELECT * FROM ${qualified(schema, staging)} WITH NO DATA;
CREATE TEMP TABLE cdc_verify_keys AS SELECT ${names(key)} FROM ${qualified(schema, staging)} WITH NO DATA`;
}

/** `COPY` into the connection's own table of rows or keys. */
export function copyForCompare(what: "rows" | "keys", columns: readonly string[]): Sql {
  return sql`COPY ${what === "rows" ? ROWS : KEYS} (${names(columns)}) FROM STDIN WITH (FORMAT text, ENCODING 'UTF8')`;
}

/**
 * Rows of the connection's table that the sink lacks or has otherwise: key as text (`k0` …), `kind`, `columns`, `seen`
 * (changes when one of both sides does), and in each row how many there are in all: `missing`, `different`.
 * Parameter: how many to list. OFFSET 0 keeps both sides' columns, more than a tuple can have, from the window functions.
 */
export function listDifferences(compared: Compared): Sql {
  const { shape } = compared;
  return sql`SELECT d.*, count(*) FILTER (WHERE d.kind = 'missing') OVER ()::int AS missing,
  count(*) FILTER (WHERE d.kind = 'different') OVER ()::int AS different
FROM (
  SELECT ${keyTexts(shape, userSql("s"))}, ${kindAndColumns(compared)}
  FROM ${ROWS} AS s LEFT JOIN ${sinkRows(compared)} ON ${sameKey(shape, userSql("s"))}
  OFFSET 0
) AS d WHERE d.kind IS NOT NULL LIMIT $1`;
}

/** The same for certain keys, which may be absent from the source, too: one array of texts per key column. */
export function listDifferencesAmong(compared: Compared): Sql {
  const { shape } = compared;
  const wanted = joinSql(
    shape.key.map((name) => ident(name)),
    ", ",
  );
  return sql`SELECT * FROM (
  SELECT ${keyTexts(shape, userSql("w"))}, ${kindAndColumns(compared)}
  FROM (SELECT ${givenKeys(shape, 1)}) AS w (${wanted})
  LEFT JOIN ${ROWS} AS s ON ${joinSql(
    shape.key.map((name) => sql`s.${ident(name)} = w.${ident(name)}`),
    " AND ",
  )}
  LEFT JOIN ${sinkRows(compared)} ON ${sameKey(shape, userSql("w"))}
) AS d WHERE d.kind IS NOT NULL`;
}

/** How many rows of the source the sink has: `rows`. */
export function countSinkRows(compared: Compared): Sql {
  return sql`SELECT count(*)::text AS rows FROM ${sinkRows(compared)}`;
}

/** Keys of the sink that are not among the connection's keys, as text, and how many in all: `extra`. Parameter: how many to list. */
export function listExtraKeys(compared: Compared): Sql {
  const { shape } = compared;
  const same = joinSql(
    shape.key.map((name) => sql`k.${ident(name)} = t.${ident(name)}`),
    " AND ",
  );
  return sql`SELECT ${keyTexts(shape, userSql("t"))}, count(*) OVER ()::int AS extra
FROM ${sinkRows(compared)} WHERE NOT EXISTS (SELECT FROM ${KEYS} AS k WHERE ${same}) LIMIT $1`;
}

/** Forgets the connection's keys. */
export const EMPTY_KEYS = sql`TRUNCATE ${KEYS}`;

/** Tells the planner how many keys there are. */
export const ANALYZE_KEYS = sql`ANALYZE ${KEYS}`;

function kindAndColumns({ shape, columns }: Compared): Sql {
  const types = new Map(shape.columns.map(({ name, type }) => [name, type]));
  const differing = columns.map((name) => ({ name, test: differs(name, types.get(name) ?? "text") }));
  const any =
    differing.length === 0
      ? userSql("false")
      : joinSql(
          differing.map(({ test }) => test),
          " OR ",
        );
  const list = differing.map(({ name, test }) => sql`CASE WHEN ${test} THEN ${literal(name)} END`);
  return sql`CASE WHEN s.ctid IS NULL AND t.ctid IS NULL THEN NULL WHEN t.ctid IS NULL THEN 'missing' WHEN s.ctid IS NULL THEN 'extra'
    WHEN ${any} THEN 'different' END AS kind,
  CASE WHEN s.ctid IS NOT NULL AND t.ctid IS NOT NULL THEN array_remove(ARRAY[${joinSql(list, ", ")}]::text[], NULL) ELSE '{}' END AS columns,
  md5(concat((s.*)::text, '/', (t.*)::text)) AS seen`;
}

// Texts are compared by their bytes, whatever the column's collation calls equal; xml and the like have no equality.
function differs(name: string, type: string): Sql {
  const [s, t] = [sql`s.${ident(name)}`, sql`t.${ident(name)}`];
  const isPlain = PLAIN.has(parseSinkType(type)?.name ?? "");
  return isPlain
    ? sql`${s} IS DISTINCT FROM ${t}`
    : sql`${s}::text COLLATE "C" IS DISTINCT FROM ${t}::text COLLATE "C"`;
}

const PLAIN = new Set([
  ...["smallint", "integer", "bigint", "numeric", "real", "double precision", "boolean", "uuid", "bytea", "jsonb"],
  ...["date", "time", "timestamp", "timestamptz"],
]);

/** The sink's own living rows as `t`, with the columns that the comparison needs. */
function sinkRows({ shape, own }: Compared): Sql {
  const soft = shape.onDelete === "soft" ? [userSql("t.__cdc_operation IS DISTINCT FROM 'delete'")] : [];
  const conditions = [...soft, ...ownConditions(own)];
  const where = conditions.length === 0 ? userSql("") : sql` WHERE ${joinSql(conditions, " AND ")}`;
  return sql`(SELECT t.ctid, t.* FROM ${qualified(shape.schema, shape.table)} AS t${where}) AS t`;
}

function sameKey({ key }: TableShape, other: Sql): Sql {
  return joinSql(
    key.map((name) => sql`t.${ident(name)} = ${other}.${ident(name)}`),
    " AND ",
  );
}

function keyTexts({ key }: TableShape, from: Sql): Sql {
  return joinSql(
    key.map((name, index) => sql`${from}.${ident(name)}::text AS ${ident(`k${String(index)}`)}`),
    ", ",
  );
}

function names(columns: readonly string[]): Sql {
  return joinSql(columns.map(ident), ", ");
}
