import { METADATA_COLUMNS } from "../../model/metadata-columns";
import { parseSinkType } from "../../model/sink-type";
import { ident, integer, joinSql, literal, qualified, sql, userSql, type Sql } from "../sql";
import type { SqlView } from "../template";
import { orderedColumns, type ColumnSpec } from "./column-spec";
import { canonicalJson, sha256 } from "./definition";
import type { MergeProcedureProps } from "./props";
import { shapeOfProps } from "./table-shape";

/** Metadata columns that an event brings along as they are staged. */
const BROUGHT = ["__source", "__source_db", "__source_table", "__source_ts_ms"] as const;
/** A key text longer than this is hashed in the tombstone, whose index has a limit of about 2,700 bytes. */
const LONGEST_PLAIN_KEY = 250;

interface Shape {
  readonly key: readonly ColumnSpec[];
  readonly values: readonly ColumnSpec[];
  readonly all: readonly ColumnSpec[];
  readonly soft: boolean;
}

/** Everything that templates/postgres/merge/body.sql and its parts name. */
export function mergeView(props: MergeProcedureProps): SqlView {
  const { schema, table, staging, onDelete } = props;
  const all = orderedColumns(props.columns, props.key);
  const key = props.key.map((name) => columnOf(all, name));
  const values = all.filter((column) => !props.key.includes(column.name));
  const shape: Shape = { key, values, all, soft: onDelete === "soft" };
  return {
    target: qualified(schema, table),
    staging: qualified(schema, staging),
    stagingClass: sql`${literal(qualified(schema, staging))}::regclass`,
    schemaText: literal(schema),
    tableText: literal(table),
    shapeHash: userSql(sha256(canonicalJson(shapeOfProps(props)))),
    batchSize: integer(props.batchSize),
    soft: shape.soft,
    valueColumns: textArray(values),
    requiredColumns: textArray(values.filter((column) => !column.nullable)),
    ...fastView(shape, qualified(schema, table)),
    ...slowView(shape),
  };
}

function fastView(shape: Shape, target: Sql): SqlView {
  const { key, values, all } = shape;
  const names = key.map((_column, index) => userSql(`k${String(index + 1)}`));
  const staged = key.map((column) => of("g", column.name));
  const namedKey = names.map((name) => sql`n.${name}`);
  return {
    fast: fastCondition(shape),
    late: lateCondition(shape, target),
    isDelete: isDelete(userSql("g.__cdc_operation")),
    stagedKey: joinSql(staged, ", "),
    stagedKeyAs: joinSql(
      staged.map((column, index) => sql`${column} AS ${names[index] ?? userSql("")}`),
      ", ",
    ),
    keyNames: joinSql(
      names.map((name) => sql`s.${name}`),
      ", ",
    ),
    targetIsKey: equals(key, namedKey),
    tombKey: tombKey(key, namedKey),
    setStaged: joinSql(
      [...values.map(({ name }) => sql`${ident(name)} = ${of("g", name)}`), ...stagedMetadata()],
      ",\n          ",
    ),
    insertColumns: joinSql(
      [...all, ...METADATA_COLUMNS].map(({ name }) => ident(name)),
      ", ",
    ),
    insertStaged: joinSql(
      [...all.map(({ name }) => of("g", name)), ...insertedMetadata("g", userSql("g.__cdc_position"))],
      ", ",
    ),
  };
}

function slowView({ key, values, all, soft }: Shape): SqlView {
  const row = key.map((column) => of("v_row", column.name));
  return {
    rowIsDelete: isDelete(userSql("v_row.__cdc_operation")),
    targetIsRow: equals(key, row),
    rowTombKey: tombKey(key, row),
    nullKeyReasons: joinSql(
      key.map(({ name }) => sql`WHEN ${of("v_row", name)} IS NULL THEN ${literal(`key column ${name} is NULL`)}`),
      "\n            ",
    ),
    insertRow: joinSql(
      [...all.map(({ name }) => of("v_row", name)), ...insertedMetadata("v_row", userSql("v_pos"))],
      ", ",
    ),
    setRow: joinSql([...values.map(takenValue), ...rowMetadata(soft)], ",\n            "),
  };
}

/** A row that the set-based statement can take: it says where it belongs, and has every column that must have a value. */
function fastCondition({ key, values, soft }: Shape): Sql {
  const present = key.map(({ name }) => sql`${of("g", name)} IS NOT NULL`);
  const required = values.filter((column) => !column.nullable).map(({ name }) => sql`${of("g", name)} IS NOT NULL`);
  const deleted = isDelete(userSql("g.__cdc_operation"));
  const stated = [userSql("g.__cdc_unchanged IS NULL"), userSql("g.__cdc_position IS NOT NULL"), ...present];
  const complete = required.length === 0 ? [] : [sql`(${deleted} OR (${joinSql(required, " AND ")}))`];
  return joinSql([...stated, ...(soft ? [sql`NOT ${deleted}`, ...required] : complete)], " AND ");
}

/** The stored row is newer, but some of its values are older than the staged row. */
function lateCondition({ key, soft }: Shape, target: Sql): Sql {
  const staged = key.map((column) => of("g", column.name));
  const late = sql`EXISTS (
            SELECT FROM ${target} AS t CROSS JOIN LATERAL jsonb_each_text(t.__cdc_column_positions) AS c
            WHERE ${equals(key, staged)} AND t.__cdc_position > g.__cdc_position
              AND c.value COLLATE "C" < encode(g.__cdc_position, 'hex')
          )`;
  if (!soft) return late;
  return sql`(${late} OR EXISTS (
            SELECT FROM cdc_management.tombstones AS b
            WHERE b.table_id = v_id AND b.key = ${tombKey(key, staged)} AND b.position >= g.__cdc_position
          ))`;
}

function isDelete(operation: Sql): Sql {
  return sql`coalesce(left(${operation}, 1) IN ('d', 'D'), false)`;
}

function equals(key: readonly ColumnSpec[], values: readonly Sql[]): Sql {
  return joinSql(
    key.map(({ name }, index) => sql`${of("t", name)} = ${values[index] ?? userSql("")}`),
    " AND ",
  );
}

/** The key as text that is the same in every session, whatever its settings. */
function tombKey(key: readonly ColumnSpec[], values: readonly Sql[]): Sql {
  const parts = key.map(({ type }, index) => stableValue(type, values[index] ?? userSql("")));
  const text = sql`jsonb_build_array(${joinSql(parts, ", ")})::text`;
  const length = key.reduce((sum, { type }) => sum + textLength(type), 0);
  return length <= LONGEST_PLAIN_KEY ? text : sql`encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`;
}

function stableValue(type: string, value: Sql): Sql {
  if (type.startsWith("timestamptz")) return sql`${value} AT TIME ZONE 'UTC'`;
  if (type === "bytea") return sql`encode(${value}, 'hex')`;
  return type === "numeric" ? sql`trim_scale(${value})` : value;
}

function textLength(type: string): number {
  const { name, parameters } = parseSinkType(type) ?? { name: "text", parameters: [] };
  if (name === "varchar" || name === "char") return parameters[0] ?? Infinity;
  return name === "text" || name === "bytea" || name === "xml" ? Infinity : 0;
}

function stagedMetadata(): Sql[] {
  const brought = [...BROUGHT, "__cdc_operation", "__cdc_position"].map(
    (name) => sql`${ident(name)} = ${of("g", name)}`,
  );
  return [sql`"__sync_timestamp" = now()`, ...brought, sql`"__cdc_column_positions" = NULL`];
}

/** Values of the metadata columns in the order of {@link METADATA_COLUMNS}. */
function insertedMetadata(row: "g" | "v_row", position: Sql): Sql[] {
  const brought = [...BROUGHT, "__cdc_operation"].map((name) => of(row, name));
  return [userSql("now()"), ...brought, position, userSql(row === "g" ? "NULL" : "v_columns")];
}

function takenValue({ name }: ColumnSpec): Sql {
  return sql`${ident(name)} = CASE WHEN ${literal(name)} = ANY (v_take) THEN ${of("v_row", name)} ELSE ${of("t", name)} END`;
}

function rowMetadata(soft: boolean): Sql[] {
  const newest = (name: string, value: Sql): Sql =>
    sql`${ident(name)} = CASE WHEN v_newest THEN ${value} ELSE ${of("t", name)} END`;
  const operation = soft
    ? userSql("CASE WHEN v_delete THEN 'delete' ELSE v_row.__cdc_operation END")
    : of("v_row", "__cdc_operation");
  return [
    sql`"__sync_timestamp" = now()`,
    ...BROUGHT.map((name) => newest(name, of("v_row", name))),
    newest("__cdc_operation", operation),
    sql`"__cdc_position" = v_pos`,
    sql`"__cdc_column_positions" = v_columns`,
  ];
}

function of(alias: "g" | "t" | "v_row", name: string): Sql {
  return sql`${userSql(alias)}.${ident(name)}`;
}

function textArray(columns: readonly ColumnSpec[]): Sql {
  return sql`ARRAY[${joinSql(
    columns.map(({ name }) => literal(name)),
    ", ",
  )}]::text[]`;
}

function columnOf(columns: readonly ColumnSpec[], name: string): ColumnSpec {
  const column = columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new RangeError(`key column ${name} is not among the columns`);
  return column;
}
