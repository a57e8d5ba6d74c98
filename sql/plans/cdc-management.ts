import { BRIEF_LOCK, hazardWith, NO_HAZARD, type Hazard } from "../../model/hazard";
import { EMPTY_PLAN, planOf, type Change, type Plan } from "../plan";
import { ident, integer, literal, type Sql } from "../sql";
import { renderTemplate, type SqlView } from "../template";
import { sha256 } from "./definition";
import { SCHEMA_VERSION, type CdcManagementProps, type SinkProps } from "./props";

/** Version of the objects in `cdc_management`. Raise it with every change that needs an ALTER in `UPGRADES`. */
export const MANAGEMENT_VERSION = 3;

/** First half of the advisory locks that keep two merges of one table apart; the second is the table's id. */
export const MERGE_LOCK_SPACE = 0x43444d;

const TABLES = [
  "component-version",
  "merge-control",
  "merge-pending",
  "processing-log",
  "migration-history",
  "error-log",
  "checkpoints",
  "leases",
  "dead-letters",
  "tombstones",
  "kafka-inbox",
  "sources",
  "source-tables",
];
/** Additive changes since version 1, as template names, each safe to repeat. */
const UPGRADES: readonly string[] = ["2"];
const FUNCTIONS = [
  "mark-table-for-merge",
  "begin-merge",
  "finish-merge",
  "compact-staging",
  "record-dead-letter",
  "resolve-dead-letter",
  "retry-dead-letter",
  "acquire-lease",
  "release-lease",
  "require-lease",
  "admit-token",
  "record-checkpoint",
  "record-source",
  "record-source-table",
  "forget-positions",
  "call-merge",
  "manual-merge",
  "merge-next",
  "trigger-pending-merges",
  "prune-tombstones",
  "prune-history",
  "cut-fraction",
  "staged-text",
  "kind-of-type",
  "values-differ",
  "event-position",
  "old-key-position",
  "event-time",
  "event-tenant",
  "event-lines",
  "staging-value",
  "staging-plan",
  "bury-event",
  "stage-events",
  "debezium-row",
  "kafka-event",
  "debezium-event",
  "take-from-inbox",
];
const VIEWS = [
  "merge-status",
  "recent-errors",
  "processing-gaps",
  "replication-lag",
  "dead-letters",
  "sources",
  "source-tables",
];

const VIEWS_REPLACED = hazardWith("it is the readers of the views in cdc_management who wait");

/** Makes, brings up to date, or drops the schema `cdc_management`. */
export function planCdcManagement(olds: CdcManagementProps | undefined, news: CdcManagementProps | undefined): Plan {
  if (news === undefined) return olds === undefined ? EMPTY_PLAN : planOf([removed(olds)]);
  const same = olds?.definition === news.definition && olds.applicationRole === news.applicationRole;
  return same ? EMPTY_PLAN : planOf([made(olds, news)]);
}

/** Inputs of the one management resource of a database. */
export function cdcManagementProps(
  place: Omit<SinkProps, "schemaVersion">,
  settings: { readonly applicationRole?: string; readonly retain?: boolean } = {},
): CdcManagementProps {
  const { connection, database } = place;
  const role = settings.applicationRole === undefined ? {} : { applicationRole: settings.applicationRole };
  const own = { version: MANAGEMENT_VERSION, definition: managementDefinition(), retain: settings.retain ?? false };
  return { schemaVersion: SCHEMA_VERSION, connection, database, ...own, ...role };
}

/** Records what the schema held when `definition` had made it, so that others know that it is whole. */
export function recordManagementObjects(definition: string, objects: Readonly<Record<string, string>>): Sql {
  return render("objects", { definition: literal(definition), objects: literal(JSON.stringify(objects)) });
}

let definition: string | undefined;

/** sha256 of everything that makes the schema, roles aside. */
export function managementDefinition(): string {
  definition ??= sha256(objects().join(";\n"));
  return definition;
}

function objects(): Sql[] {
  const view = { version: integer(MANAGEMENT_VERSION), lockSpace: integer(MERGE_LOCK_SPACE) };
  return [
    render("schema", view),
    ...TABLES.map((name) => render(`tables/${name}`, view)),
    ...UPGRADES.map((name) => render(`upgrades/${name}`, view)),
    ...FUNCTIONS.map((name) => render(`functions/${name}`, view)),
    ...VIEWS.map((name) => render(`views/${name}`, view)),
    render("revoke-public", view),
    render("job", view),
  ];
}

function made(olds: CdcManagementProps | undefined, news: CdcManagementProps): Change {
  const former = olds?.applicationRole === news.applicationRole ? undefined : olds?.applicationRole;
  const role = news.applicationRole;
  return {
    kind: olds === undefined ? "MANAGEMENT_ADDED" : "MANAGEMENT_UPDATED",
    severity: "info",
    object: "cdc_management",
    summary:
      olds === undefined
        ? `schema cdc_management with ${String(TABLES.length)} tables, ${String(VIEWS.length)} views and ${String(FUNCTIONS.length)} functions`
        : "functions and views are replaced, tables only gain columns",
    hazard: olds === undefined ? NO_HAZARD : VIEWS_REPLACED,
    sql: [
      ...objects(),
      render("made", { definition: literal(managementDefinition()) }),
      ...(former === undefined ? [] : [render("revoke-role", { role: ident(former), name: literal(former) })]),
      ...(role === undefined ? [] : [render("grants", { role: ident(role) })]),
    ],
  };
}

function removed(olds: CdcManagementProps): Change {
  const hazard: Hazard = olds.retain
    ? hazardWith("the views are dropped; what they read stays")
    : { ...BRIEF_LOCK, dataLoss: true, text: "history, dead letters and checkpoints go with it" };
  const kept = { keepWhenUsed: !olds.retain && olds.keepWhenUsed === true };
  return {
    kind: "MANAGEMENT_REMOVED",
    severity: olds.retain ? "info" : "warning",
    object: "cdc_management",
    summary: olds.retain ? "functions and views are dropped, tables are kept" : "schema cdc_management is dropped",
    hazard,
    sql: [olds.retain ? render("drop-code", {}) : render("drop", kept), render("job-drop", kept)],
  };
}

function render(name: string, view: SqlView): Sql {
  return renderTemplate(`postgres/management/${name}.sql`, view);
}
