import { NO_HAZARD, type Hazard } from "../../model/hazard";
import { EMPTY_PLAN, planOf, type Change, type Plan } from "../plan";
import type { Sql } from "../sql";
import { disableDatabase, disableTable, enableDatabase, enableTable } from "../sqlserver/enable-statements";
import { unpackList } from "./packed";
import type { SourceDatabaseOutputs, SourceDatabaseProps, SourceTableOutputs, SourceTableProps } from "./source-props";
import { nextInstanceName } from "./source-table";

/*
 * What a preview tells of the sources. It doesn't look at them: what serves already is adopted, and statements that a
 * source makes needless are not sent.
 */

const CHANGES_GO: Hazard = { ...NO_HAZARD, text: "changes that were captured and not read yet go" };

/** Turns change data capture of a database on or off. */
export function previewSourceDatabase(
  olds: SourceDatabaseOutputs | undefined,
  news: SourceDatabaseProps | undefined,
): Plan {
  if (olds === undefined && news !== undefined)
    return planOf([
      change("CAPTURE_ADDED", news.database, "change data capture is on", news.manage ? [enableDatabase()] : []),
    ]);
  if (olds === undefined || news !== undefined || !olds.manage || !olds.enabledByUs) return EMPTY_PLAN;
  const summary = "change data capture is turned off, unless others use it";
  return planOf([change("CAPTURE_REMOVED", olds.database, summary, [disableDatabase()], CHANGES_GO)]);
}

/** Captures a table, captures other columns of it, or stops. */
export function previewSourceTable(olds: SourceTableOutputs | undefined, news: SourceTableProps | undefined): Plan {
  if (news === undefined) return olds === undefined ? EMPTY_PLAN : removed(olds);
  const columns = unpackList(news.captured);
  const making = news.manage ? [enabling(news, columns, olds)] : [];
  if (olds === undefined)
    return planOf([change("CAPTURE_ADDED", objectOf(news), `${String(columns.length)} columns are captured`, making)]);
  const before = unpackList(olds.captured);
  const added = columns.filter((name) => !before.includes(name));
  const left = before.filter((name) => !columns.includes(name));
  const changes = [
    ...added.map((name) => ({ kind: "CAPTURE_COLUMN_ADDED", name, summary: `column ${name} is captured, too` })),
    ...left.map((name) => ({
      kind: "CAPTURE_COLUMN_REMOVED",
      name,
      summary: `column ${name} is not captured any more`,
    })),
  ];
  const [first, ...others] = changes.map(({ kind, name, summary }, index) =>
    change(kind, `${objectOf(news)}.${name}`, summary, index === 0 ? making : []),
  );
  return first === undefined ? EMPTY_PLAN : planOf([{ ...first, hazard: secondInstance() }, ...others]);
}

function secondInstance(): Hazard {
  return { ...NO_HAZARD, text: "by a second capture instance; the old one goes when the stream has moved over" };
}

function enabling(news: SourceTableProps, columns: readonly string[], olds: SourceTableOutputs | undefined): Sql {
  const { schema, table, role, filegroup, netChanges } = news;
  return enableTable({
    schema,
    table,
    instance: nextInstanceName(schema, table, olds?.instances ?? [], []),
    columns,
    netChanges,
    ...(role === undefined ? {} : { role }),
    ...(filegroup === undefined ? {} : { filegroup }),
  });
}

function removed(olds: SourceTableOutputs): Plan {
  const { schema, table, instances, manage } = olds;
  if (!manage || instances.length === 0) return EMPTY_PLAN;
  const statements = instances.map((name) => disableTable(schema, table, name));
  const summary = `capture instance ${instances.join(" and ")} is removed`;
  return planOf([change("CAPTURE_REMOVED", objectOf(olds), summary, statements, CHANGES_GO)]);
}

function change(
  kind: string,
  object: string,
  summary: string,
  sql: readonly Sql[],
  hazard: Hazard = NO_HAZARD,
): Change {
  const severity = kind === "CAPTURE_REMOVED" || kind === "CAPTURE_COLUMN_REMOVED" ? "warning" : "info";
  return { kind, severity, object, summary, hazard, sql };
}

function objectOf({ database, schema, table }: SourceTableProps): string {
  return `${database}.${schema}.${table}`;
}
