import type { TableShape } from "../model/table-shape";
import { MERGE_LOCK_SPACE } from "./plans/cdc-management";
import { ident, integer, joinSql, literal, qualified, sql, userSql, type Sql } from "./sql";

/** By what the rows of one source are told from the others of a table. */
export interface OwnRows {
  /** Name of the source database: several may feed a table whose rows tell their customer themselves. */
  readonly database?: string;
  /** Values of the columns that a shared table has by customer. */
  readonly tenant: readonly { readonly column: string; readonly value: string | null }[];
}

type SinkPlace = Pick<TableShape, "schema" | "table">;

/** The shape of a table as it was deployed, tenants unresolved; parameters: schema and table. */
export const READ_SHAPE = userSql(
  "SELECT shape FROM cdc_management.merge_control WHERE schema_name = $1 AND table_name = $2 AND unregistered_at IS NULL",
);

/** How far a stream is: `position`, 20 hex digits. Parameters: pipeline, source. */
export const STREAM_POSITION = userSql(
  "SELECT encode(position, 'hex') AS position FROM cdc_management.sources WHERE pipeline = $1 AND source = $2",
);

/** `COPY` of the columns into the table itself, in text format. */
export function copyIntoTable({ schema, table }: SinkPlace, columns: readonly string[]): Sql {
  const list = joinSql(columns.map(ident), ", ");
  return sql`COPY ${qualified(schema, table)} (${list}) FROM STDIN WITH (FORMAT text, ENCODING 'UTF8')`;
}

/** Waits until no merge of the table runs, and keeps merges out until the transaction ends. */
export function lockMerges({ schema, table }: SinkPlace): Sql {
  return sql`SELECT pg_advisory_xact_lock(${integer(MERGE_LOCK_SPACE)}, c.table_id) FROM cdc_management.merge_control AS c WHERE c.schema_name = ${literal(schema)} AND c.table_name = ${literal(table)}`;
}

/** Whether the table has no row of the source older than a position (in hex, the parameter): `is_fresh`. */
export function isFresh({ schema, table }: SinkPlace, own: OwnRows): Sql {
  const conditions = [userSql("coalesce(t.__cdc_position < decode($1, 'hex'), true)"), ...ownConditions(own)];
  return sql`SELECT NOT EXISTS (SELECT FROM ${qualified(schema, table)} AS t WHERE ${joinSql(conditions, " AND ")}) AS is_fresh`;
}

/** Whether who asks may write into the table itself, not only through a merge: `may_insert`. */
export function mayInsert({ schema, table }: SinkPlace): Sql {
  return sql`SELECT has_table_privilege(${literal(qualified(schema, table))}::regclass, 'INSERT') AS may_insert`;
}

/** Size of the table in blocks, that of its largest partition when it has some: `blocks`. */
export function countBlocks({ schema, table }: SinkPlace): Sql {
  const name = literal(qualified(schema, table));
  return sql`SELECT (coalesce(
    (SELECT max(pg_relation_size(p.relid)) FROM pg_partition_tree(${name}::regclass) AS p), pg_relation_size(${name}::regclass)
  ) / current_setting('block_size')::bigint)::text AS blocks`;
}

/** Rows of which a snapshot must have seen every one that is still at the source. */
export interface Unseen {
  readonly shape: TableShape;
  readonly own: OwnRows;
}

/**
 * Stages a delete of every row in a range of blocks that is older than a position. Parameters: the position in hex,
 * `__source`, `__source_db`, `__source_table`, first and last block of the range (`(0,0)`, the latter not in it), and,
 * with `among`, an array per key column with the texts of the only keys that may be deleted.
 */
export function stageUnseen({ shape, own }: Unseen, among: boolean): Sql {
  const { schema, table, staging, key } = shape;
  const names = joinSql(key.map(ident), ", ");
  const values = joinSql(
    key.map((name) => sql`t.${ident(name)}`),
    ", ",
  );
  const limited = among ? sql` AND (${values}) IN (SELECT ${givenKeys(shape, 7)})` : userSql("");
  return sql`INSERT INTO ${qualified(schema, staging)} (${names}, __source, __source_db, __source_table, __cdc_operation, __cdc_position)
SELECT ${values}, $2, $3, $4, 'Delete', decode($1, 'hex')
FROM ${qualified(schema, table)} AS t${whereUnseen(shape, own)}${limited}`;
}

/** The keys of the same rows as text; parameters 1, 5 and 6 of {@link stageUnseen} as 1, 2 and 3. */
export function listUnseen({ shape, own }: Unseen): Sql {
  const { schema, table, key } = shape;
  const texts = joinSql(
    key.map((name, index) => sql`t.${ident(name)}::text AS ${ident(`k${String(index)}`)}`),
    ", ",
  );
  return sql`SELECT ${texts} FROM ${qualified(schema, table)} AS t${whereUnseen(shape, own, 2)}`;
}

/** `unnest` of one text array per key column, from the parameter `first` on, in the columns' own types. */
export function givenKeys(shape: TableShape, first: number): Sql {
  const types = new Map(shape.columns.map(({ name, type }) => [name, type]));
  return joinSql(
    shape.key.map(
      (name, index) =>
        sql`unnest(${userSql(`$${String(first + index)}::text[]`)})::${userSql(types.get(name) ?? "text")}`,
    ),
    ", ",
  );
}

/** Conditions on the table `t` that a row is one of the source's own. A row that nobody marked may be. */
export function ownConditions({ database, tenant }: OwnRows): Sql[] {
  const values = tenant.map(({ column, value }) =>
    value === null ? sql`t.${ident(column)} IS NULL` : sql`t.${ident(column)} = ${literal(value)}`,
  );
  return database === undefined ? values : [sql`coalesce(t.__source_db = ${literal(database)}, true)`, ...values];
}

function whereUnseen({ onDelete }: TableShape, own: OwnRows, firstBlock = 5): Sql {
  const [from, to] = [userSql(`$${String(firstBlock)}`), userSql(`$${String(firstBlock + 1)}`)];
  const conditions = [
    sql`t.ctid >= ${from}::tid AND t.ctid < ${to}::tid`,
    userSql("coalesce(t.__cdc_position < decode($1, 'hex'), true)"),
    ...(onDelete === "soft" ? [userSql("t.__cdc_operation IS DISTINCT FROM 'delete'")] : []),
    ...ownConditions(own),
  ];
  return sql` WHERE ${joinSql(conditions, " AND ")}`;
}
