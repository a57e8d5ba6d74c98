import { METADATA_COLUMNS } from "../../model/metadata-columns";
import { formatType } from "../format-type";
import { joinSql, integer, literal, qualified, sql, userSql, type Sql } from "../sql";
import { renderTemplate } from "../template";
import { orderedColumns } from "./column-spec";
import type { SinkTableProps } from "./props";
import { holdsEvery } from "./target-exists";

const PLAIN = [
  ...["smallint", "integer", "bigint", "real", "double precision", "boolean", "date"],
  ...["uuid", "bytea", "xml", "json", "jsonb", "text"],
];
/** With the names that format_type() gives them without parameters. */
const SIZED = { varchar: "character varying", char: "character" };
const LONGEST = 10_485_760;
const FRACTIONS = ["timestamp", "timestamptz", "time"];
const MOST_DIGITS = 1000;

/** A statement that raises SQLSTATE CDC08 with everything in which somebody else's table doesn't fit. */
export function validationStatement(news: SinkTableProps): Sql {
  const own = orderedColumns(news.columns, news.key, news.order);
  const columns = [...own, ...METADATA_COLUMNS];
  const conditions = [
    ...own.map(({ name, type }) => ({ column: literal(name), condition: conditionFor(type) })),
    ...METADATA_COLUMNS.map(({ name, type }) => ({ column: literal(name), condition: spelledAs(type) })),
  ];
  return renderTemplate("postgres/table/validate.sql", {
    name: literal(qualified(news.schema, news.table)),
    schemaText: literal(news.schema),
    tableText: literal(news.table),
    columns: joinSql(
      columns.map(({ name, type }) => sql`(${literal(name)}, ${literal(type)})`),
      ",\n      ",
    ),
    conditions,
    keyColumns: sql`ARRAY[${joinSql(news.key.map(literal), ", ")}]::text[]`,
  });
}

const known = new Map<string, Sql>();

/** Whether a column of PostgreSQL's type `f.base` with parameters `f.m` and `f.n` holds every value of a type. */
function conditionFor(wanted: string): Sql {
  const before = known.get(wanted);
  if (before !== undefined) return before;
  const parts = [
    spelledAs(wanted),
    ...PLAIN.filter((type) => holdsEvery(wanted, type)).map((type) => sql`f.base = ${literal(type)}`),
    ...Object.entries(SIZED).flatMap(([type, base]) => sized(wanted, type, base)),
    ...FRACTIONS.flatMap((type) => fractions(wanted, type)),
    ...numeric(wanted),
  ];
  const condition = joinSql(parts, " OR ");
  known.set(wanted, condition);
  return condition;
}

function spelledAs(type: string): Sql {
  return sql`f.spelled = ${literal(formatType(type))}`;
}

function sized(wanted: string, type: string, base: string): Sql[] {
  const least = leastThat((length) => holdsEvery(wanted, `${type}(${String(length)})`), 1, LONGEST);
  const limited = least === undefined ? [] : [sql`f.m >= ${integer(least)}`];
  const unlimited = type === "varchar" && holdsEvery(wanted, type) ? [userSql("f.m IS NULL")] : [];
  const either = [...unlimited, ...limited];
  return either.length === 0 ? [] : [sql`f.base = ${literal(base)} AND (${joinSql(either, " OR ")})`];
}

function fractions(wanted: string, type: string): Sql[] {
  const least = leastThat((digits) => holdsEvery(wanted, `${type}(${String(digits)})`), 0, 6);
  return least === undefined
    ? []
    : [sql`f.base = ${literal(formatType(type))} AND coalesce(f.m, 6) >= ${integer(least)}`];
}

function numeric(wanted: string): Sql[] {
  const own = (precision: number, scale: number) => `numeric(${String(precision)},${String(scale)})`;
  const half = MOST_DIGITS / 2;
  const unlimited = holdsEvery(wanted, "numeric") ? [userSql("f.m IS NULL")] : [];
  const scale = leastThat((digits) => holdsEvery(wanted, own(MOST_DIGITS, digits)), 0, half);
  const whole = leastThat((digits) => holdsEvery(wanted, own(digits + half, half)), 0, half);
  const limited =
    scale === undefined || whole === undefined
      ? []
      : [sql`f.n >= ${integer(scale)} AND f.m - f.n >= ${integer(whole)}`];
  const either = [...unlimited, ...limited];
  return either.length === 0 ? [] : [sql`f.base = 'numeric' AND (${joinSql(either, " OR ")})`];
}

/** The smallest whole number for which it holds, when it holds for all larger ones; undefined when for none. */
function leastThat(holds: (value: number) => boolean, from: number, to: number): number | undefined {
  if (!holds(to)) return undefined;
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
