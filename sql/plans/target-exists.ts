import { NO_HAZARD } from "../../model/hazard";
import { METADATA_COLUMNS } from "../../model/metadata-columns";
import { classifyTypeChange } from "../../model/type-change";
import { planOf, type Plan, type PlanFailure } from "../plan";
import { ident, literal, qualified, sql, type Sql } from "../sql";
import { renderTemplate } from "../template";
import { columnSql } from "./alter-column";
import { parseColumnSpec } from "./column-spec";
import type { SinkTableOutputs, SinkTableProps } from "./props";

/**
 * A target that belongs to somebody else is compared and never altered. What the merge needs and doesn't find is a
 * failure that says which statement its owner has to run.
 */
export function planExistingTarget(olds: SinkTableOutputs | undefined, news: SinkTableProps): Plan {
  if (olds === undefined) return planOf([required(news)]);
  return planOf([], [...columnFailures(olds, news), ...metadataFailures(olds, news), ...keyFailures(olds, news)]);
}

function required(news: SinkTableProps): Plan["changes"][number] {
  const { schema, table } = news;
  const view = { name: literal(qualified(schema, table)), schemaText: literal(schema), tableText: literal(table) };
  return {
    kind: "TARGET_CHECKED",
    severity: "info",
    object: `${schema}.${table}`,
    summary: "the existing table is checked, not altered",
    hazard: NO_HAZARD,
    sql: [renderTemplate("postgres/table/require.sql", view)],
  };
}

function columnFailures(olds: SinkTableOutputs, news: SinkTableProps): PlanFailure[] {
  return Object.entries(news.columns).flatMap(([name, text]) => {
    const property = `columns.${name}`;
    const wanted = parseColumnSpec(name, text);
    const found = Object.hasOwn(olds.columns, name) ? olds.columns[name] : undefined;
    if (found === undefined)
      return [{ property, reason: missing(news, name, columnSql({ ...wanted, nullable: true })) }];
    const reason = misfit(wanted.type, parseColumnSpec(name, found).type);
    return reason === undefined ? [] : [{ property, reason }];
  });
}

/** Every value of the wanted type must go into the type that is there, by a cast that INSERT makes by itself. */
export function holdsEvery(wanted: string, found: string): boolean {
  const change = classifyTypeChange(wanted, found);
  const fits = ["same", "in-place", "rewrite"].includes(change.kind);
  return fits && change.using === undefined && change.timeZone === undefined;
}

function misfit(wanted: string, found: string): string | undefined {
  return holdsEvery(wanted, found)
    ? undefined
    : `the existing table has type ${found}, which doesn't hold every value of ${wanted}`;
}

function metadataFailures(olds: SinkTableOutputs, news: SinkTableProps): PlanFailure[] {
  const { metadata } = olds;
  if (metadata === undefined) return [];
  return METADATA_COLUMNS.flatMap((column) => {
    const property = `columns.${column.name}`;
    const found = metadata[column.name];
    if (found === undefined) return [{ property, reason: missing(news, column.name, columnSql(column)) }];
    const { type } = parseColumnSpec(column.name, found);
    return type === column.type
      ? []
      : [{ property, reason: `the existing table has type ${type}; the merge needs ${column.type}` }];
  });
}

function keyFailures(olds: SinkTableOutputs, news: SinkTableProps): PlanFailure[] {
  const same = olds.key.length === news.key.length && news.key.every((name) => olds.key.includes(name));
  if (same) return [];
  const found = olds.key.length === 0 ? "no primary key" : `the primary key (${olds.key.join(", ")})`;
  return [{ property: "key", reason: `the existing table has ${found}; the merge needs (${news.key.join(", ")})` }];
}

function missing({ schema, table }: SinkTableProps, name: string, type: Sql): string {
  const statement = sql`ALTER TABLE ${qualified(schema, table)} ADD COLUMN ${ident(name)} ${type}`;
  return `the existing table has no column ${name}; its owner can add it: ${statement};`;
}
