import { mayDiffer } from "../../model/default-volatility";
import { BRIEF_LOCK, hazardWith, NO_HAZARD, REWRITE, type Hazard } from "../../model/hazard";
import { directRenames, pendingRenames, renamed } from "../../model/table-hints";
import { classifyTypeChange } from "../../model/type-change";
import { formatType } from "../format-type";
import { EMPTY_PLAN, planOf, type Change, type Plan } from "../plan";
import { ident, joinSql, literal, qualified, sql, userSql, type Sql } from "../sql";
import { renderTemplate } from "../template";
import { orderedColumns, parseColumnSpec } from "./column-spec";
import { canonicalJson, sha256 } from "./definition";
import type { ColumnSpecs, StagingTableOutputs, StagingTableProps } from "./props";
import { stagingRename } from "./rename-column";
import { STAGING_COLUMNS } from "./staging-columns";

interface StagedColumn {
  readonly name: string;
  readonly type: string;
  readonly default?: string;
}

/** Makes a staging table, brings it to other columns in place so that staged rows stay, or drops it. */
export function planStagingTable(olds: StagingTableOutputs | undefined, news: StagingTableProps | undefined): Plan {
  if (news === undefined) return olds === undefined ? EMPTY_PLAN : planOf([removed(olds)]);
  if (olds === undefined) return planOf([added(news)]);
  const same = olds.definition === stagingDefinition(news) && olds.applicationRole === news.applicationRole;
  return same ? EMPTY_PLAN : planOf([followed(olds, news)]);
}

/** `<hash of names, types and persistence>:<hash of defaults>` of what a staging table should be. */
export function stagingDefinition(props: StagingTableProps): string {
  const known = definitions.get(props) ?? definitionOf(props);
  definitions.set(props, known);
  return known;
}

/** By the properties themselves: a comparison asks for each three times. */
const definitions = new WeakMap<StagingTableProps, string>();

function definitionOf(props: StagingTableProps): string {
  const columns = stagedColumns(props);
  const defaults = columns
    .filter((column) => column.default !== undefined)
    .map(({ name, default: value }) => [name, value]);
  return `${stagingFingerprint(columns, props.logged)}:${shortHash(Object.fromEntries(defaults))}`;
}

/** First part of {@link stagingDefinition}, which the real table's columns (canonical types) give as well. */
export function stagingFingerprint(
  columns: readonly { readonly name: string; readonly type: string }[],
  logged: boolean,
): string {
  return shortHash([Object.fromEntries(columns.map(({ name, type }) => [name, type])), logged]);
}

/** What a staging table's state keeps: its columns are known by their hash. */
export function stagingTableOutputs(news: StagingTableProps): StagingTableOutputs {
  const { columns: _columns, hints: _hints, ...kept } = news;
  return { ...kept, definition: stagingDefinition(news) };
}

function shortHash(value: unknown): string {
  return sha256(canonicalJson(value)).slice(0, 32);
}

function stagedColumns(props: StagingTableProps): StagedColumn[] {
  const own = orderedColumns(props.columns, []).map(({ name, type, default: value }) => ({
    name,
    type,
    ...(value === undefined ? {} : { default: value }),
  }));
  return [...own, ...Object.entries(STAGING_COLUMNS).map(([name, type]) => ({ name, type }))];
}

function added(news: StagingTableProps): Change {
  return {
    kind: "STAGING_ADDED",
    severity: "info",
    object: `${news.schema}.${news.staging}`,
    summary: news.logged ? "staging table, logged" : "staging table, unlogged: PostgreSQL empties it after a crash",
    hazard: NO_HAZARD,
    sql: [createTable(news)],
  };
}

function followed(olds: StagingTableOutputs, news: StagingTableProps): Change {
  const staging = qualified(news.schema, news.staging);
  const using = news.hints?.using ?? {};
  const columns = stagedColumns(news).map(({ name, type, default: value }) => {
    const expression = Object.hasOwn(using, name) ? (using[name] ?? null) : null;
    const parts = [name, type, formatType(type), value ?? null, expression].map(literal);
    return sql`(${joinSql(parts, ", ")})`;
  });
  const follow = renderTemplate("postgres/staging/follow.sql", {
    staging,
    name: literal(staging),
    columns: joinSql(columns, ",\n      "),
    unlogged: !news.logged,
    persistence: literal(news.logged ? "p" : "u"),
    hint: literal("Merge what is staged first: cdc merge. Then deploy again."),
  });
  return {
    kind: "STAGING_CHANGED",
    severity: "info",
    object: `${news.schema}.${news.staging}`,
    summary: "staging table follows its table; staged rows stay",
    hazard: stagingHazard(olds, news),
    sql: [...revoked(olds, news), createTable(news), ...renameStatements(news), follow],
  };
}

function renameStatements(news: StagingTableProps): Sql[] {
  return directRenames(news.hints?.renames ?? []).map((rename) => stagingRename(news, rename));
}

/** Whoever stages waits; longer when what is staged is written again. */
function stagingHazard(olds: StagingTableOutputs, news: StagingTableProps): Hazard {
  const wait = "whoever stages rows waits";
  const [before = ""] = olds.definition.split(":");
  if (before === stagingFingerprint(stagedColumns(news), news.logged)) return hazardWith(wait);
  const columns = knownColumns(olds, news, before);
  if (columns === undefined) return hazardWith(`${wait}; rows are written again if a type changes`, REWRITE);
  if (olds.logged !== news.logged || rewritesStaged(columns, news)) return hazardWith(wait, REWRITE);
  const renames = pendingRenames(Object.keys(columns), news.columns, news.hints?.renames);
  return hazardWith(wait, renames.length > 0 ? { ...BRIEF_LOCK, work: "reads rows" } : BRIEF_LOCK);
}

/** The columns as they were, unless the hash says that the table has become something else. */
function knownColumns(olds: StagingTableOutputs, news: StagingTableProps, hash: string): ColumnSpecs | undefined {
  const { columns, logged } = olds;
  if (columns === undefined) return undefined;
  const expected = stagingFingerprint(stagedColumns({ ...news, columns }), logged);
  return hash === expected || hash === "altered" ? columns : undefined;
}

/** Whether rows that are staged are written again when the columns become the new ones. */
function rewritesStaged(columns: ColumnSpecs, news: StagingTableProps): boolean {
  const renames = pendingRenames(Object.keys(columns), news.columns, news.hints?.renames);
  const former = new Map(Object.entries(columns).map(([name, spec]) => [renamed(name, renames), spec]));
  return Object.entries(news.columns).some(([name, spec]) => {
    const wanted = parseColumnSpec(name, spec);
    const old = former.get(name);
    if (old === undefined) return wanted.default !== undefined && mayDiffer(wanted.default);
    const { type } = parseColumnSpec(name, old);
    if (type === wanted.type) return false;
    return Object.hasOwn(news.hints?.using ?? {}, name) || !inPlace(type, wanted.type);
  });
}

/** Staging is converted in UTC, where a wall-clock time and an instant have the same bytes. */
function inPlace(from: string, to: string): boolean {
  if ([from, to].sort().join() === "timestamp(6),timestamptz(6)") return true;
  return classifyTypeChange(from, to).kind === "in-place";
}

function removed({ schema, staging }: StagingTableOutputs): Change {
  return {
    kind: "STAGING_REMOVED",
    severity: "warning",
    object: `${schema}.${staging}`,
    summary: "staging table is dropped with what is staged",
    hazard: {
      lock: "ACCESS EXCLUSIVE",
      rewrite: false,
      dataLoss: true,
      text: "events that were not merged yet are lost here",
    },
    sql: [renderTemplate("postgres/staging/drop.sql", { staging: qualified(schema, staging) })],
  };
}

function createTable(news: StagingTableProps): Sql {
  const columns = stagedColumns(news).map(({ name, type, default: value }) => {
    const standard = value === undefined ? "" : ` DEFAULT ${value}`;
    return sql`${ident(name)} ${userSql(type + standard)}`;
  });
  const { applicationRole: role } = news;
  return renderTemplate("postgres/staging/create.sql", {
    unlogged: !news.logged,
    staging: qualified(news.schema, news.staging),
    columns: joinSql(columns, ",\n  "),
    grant: role === undefined ? false : { role: ident(role) },
  });
}

function revoked(olds: StagingTableOutputs, { schema, staging, applicationRole }: StagingTableProps): Sql[] {
  const role = olds.applicationRole;
  if (role === undefined || role === applicationRole) return [];
  const object = sql`TABLE ${qualified(schema, staging)}`;
  return [renderTemplate("postgres/revoke.sql", { object, role: ident(role), name: literal(role) })];
}
