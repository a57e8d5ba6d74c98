import type { Client } from "pg";
import type { Column } from "../../model/column";
import type { Hazard, TableLock } from "../../model/hazard";
import { METADATA_COLUMNS } from "../../model/metadata-columns";
import type { SinkTable } from "../../model/sink";
import type { Change, Plan } from "../../sql/plan";
import { cdcManagementProps, planCdcManagement } from "../../sql/plans/cdc-management";
import { formatColumnSpec, parseColumnSpec } from "../../sql/plans/column-spec";
import { mergeProcedureProps, sinkTableProps, stagingTableProps, type PropsSettings } from "../../sql/plans/from-model";
import { mergeProcedureOutputs, planMergeProcedure } from "../../sql/plans/merge-procedure";
import { SCHEMA_VERSION, type SinkTableOutputs } from "../../sql/plans/props";
import { planSinkSchema } from "../../sql/plans/sink-schema";
import { planSinkTable } from "../../sql/plans/sink-table";
import { planStagingTable, stagingTableOutputs } from "../../sql/plans/staging-table";
import type { TestDatabase } from "../harness/database";
import { deployTables } from "../harness/deploy-tables";
import { column, sinkTable } from "../harness/sink-model";
import type { FoundDrift, HazardCase, TableVersion } from "./hazard-case";

/** What PostgreSQL was seen to do for one change, next to what was said. */
export interface Observation {
  readonly title: string;
  readonly kind: string;
  readonly said: Hazard;
  readonly lock: TableLock;
  readonly rewrite: boolean;
  /** All rows of a table that was there before were read. */
  readonly reads: boolean;
}

const ROWS = 3;

/** From the weakest to the strongest. */
export const LOCKS: readonly TableLock[] = [
  "none",
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
];

/** Role of the application in the corpus; it must exist. */
export const ROLE = "hazard_app";

/** A value that every check lets through, by the beginning of its type. */
const VALUES: readonly (readonly [prefix: string, value: string])[] = [
  ["uuid", "'6f9619ff-8b86-d011-b42d-00c04fc964ff'"],
  ["boolean", "true"],
  ["date", "'2024-02-29'"],
  ["timestamp", "'2024-02-29'"],
  ["time", "'12:00'"],
  ["xml", "'<a/>'"],
  ["jsonb", "'1'"],
  ["bytea", "'\\x00'"],
];

/** Makes what the case begins with, then makes its changes one by one and looks. */
export async function observe(database: TestDatabase, one: HazardCase, number: number): Promise<Observation[]> {
  const schema = `h${String(number)}`;
  await prepare(database, one, schema);
  const { changes } = planOf(database, one, schema);
  const [worker, watcher] = [await database.connect(), await database.connect()];
  const seen: Observation[] = [];
  for (const change of changes) seen.push(await observeChange(worker, watcher, one.title, change));
  await worker.end();
  await watcher.end();
  return seen;
}

async function observeChange(worker: Client, watcher: Client, title: string, change: Change): Promise<Observation> {
  await worker.query("BEGIN");
  const before = await relations(worker);
  const { rows } = await worker.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  let lock: TableLock = "none";
  for (const statement of change.sql) {
    await worker.query(statement);
    for (const mode of await locksOf(watcher, rows[0]?.pid ?? 0, [...before.keys()])) {
      if (LOCKS.indexOf(mode) > LOCKS.indexOf(lock)) lock = mode;
    }
  }
  const after = await relations(worker);
  const rewrite = [...before].some(([oid, { node }]) => after.has(oid) && after.get(oid)?.node !== node);
  const reads = [...before].some(([oid, { read }]) => (after.get(oid)?.read ?? read) - read >= ROWS);
  await worker.query("COMMIT");
  return { title, kind: change.kind, said: change.hazard, lock, rewrite, reads };
}

interface Relation {
  readonly node: string | null;
  readonly read: number;
}

/** Tables and views of users, by oid, with their files and how many rows this transaction has read of them. */
async function relations(client: Client): Promise<Map<number, Relation>> {
  const { rows } = await client.query<{ oid: number; node: string | null; read: number }>(`
    SELECT c.oid::int4 AS oid, pg_relation_filenode(c.oid)::text AS node, pg_stat_get_xact_tuples_returned(c.oid)::int4 AS read
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`);
  return new Map(rows.map(({ oid, node, read }) => [oid, { node, read }]));
}

async function locksOf(watcher: Client, pid: number, oids: readonly number[]): Promise<TableLock[]> {
  const { rows } = await watcher.query<{ mode: string }>(
    "SELECT mode FROM pg_catalog.pg_locks WHERE pid = $1 AND locktype = 'relation' AND granted AND relation = ANY ($2::oid[])",
    [pid, oids],
  );
  // AccessExclusiveLock is what LOCK TABLE calls ACCESS EXCLUSIVE.
  return rows.map(
    ({ mode }) =>
      mode
        .replace(/Lock$/, "")
        .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
        .toUpperCase() as TableLock,
  );
}

async function prepare(database: TestDatabase, one: HazardCase, schema: string): Promise<void> {
  const { from, to, drift } = one;
  const role = from?.role === true ? ROLE : undefined;
  if (one.object === "management") return from === undefined ? undefined : deployTables(database, [], role);
  if (from !== undefined) await deployTables(database, [tableOf(schema, from)], role);
  else if (one.object !== undefined && one.object !== "schema") await makeFor(database, one, schema, to ?? {});
  else if (one.object === undefined && to?.targetExists !== true) await database.query(`CREATE SCHEMA "${schema}"`);
  if (from !== undefined && one.empty !== true) await fill(database, schema, from, one.value);
  if (drift !== undefined) await database.query(named(drift.sql, schema));
}

/** What a staging table or a procedure that is made needs first. */
async function makeFor(database: TestDatabase, one: HazardCase, schema: string, to: TableVersion): Promise<void> {
  const table = tableOf(schema, to);
  await deployTables(database, [table]);
  const settings = settingsOf(database, to);
  await send(database, planMergeProcedure(mergeProcedureOutputs(mergeProcedureProps(table, settings)), undefined));
  if (one.object === "staging")
    await send(database, planStagingTable(stagingTableOutputs(stagingTableProps(table, settings)), undefined));
}

function send(database: TestDatabase, { statements }: Plan): Promise<unknown> {
  return database.query(statements.join("\n;\n"));
}

async function fill(database: TestDatabase, schema: string, version: TableVersion, value?: string): Promise<void> {
  const columns = Object.entries({ Id: "bigint", ...version.columns });
  const names = columns.map(([name]) => `"${name}"`).join(", ");
  const row = (id: number) =>
    columns
      .map(([name, spec]) =>
        name === "Id" || (name === "K" && /^(big)?int/.test(spec)) ? String(id) : (value ?? valueOf(spec)),
      )
      .join(", ");
  const rows = Array.from({ length: ROWS }, (_, index) => `(${row(index + 1)})`).join(", ");
  await database.query(
    `INSERT INTO "${schema}"."T" (${names}) VALUES ${rows}; INSERT INTO "${schema}"."stg_T" (${names}) VALUES ${rows}`,
  );
}

function valueOf(spec: string): string {
  return VALUES.find(([prefix]) => spec.startsWith(prefix))?.[1] ?? (/^(var)?char|^text/.test(spec) ? "'1'" : "1");
}

function tableOf(schema: string, version: TableVersion): SinkTable {
  const specs = Object.entries({ Id: "bigint not null", ...version.columns });
  const columns = specs.map(([name, text]): Column => {
    const { type, nullable, default: standard } = parseColumnSpec(name, text);
    return column(name, type, { nullable, ...(standard === undefined ? {} : { default: standard }) });
  });
  const { key = ["Id"], hints, targetExists = false, logged: stagingLogged = false, onDelete = "hard" } = version;
  return sinkTable(schema, "T", {
    columns,
    key,
    targetExists,
    stagingLogged,
    onDelete,
    ...(hints === undefined ? {} : { hints }),
  });
}

function settingsOf(database: TestDatabase, version: TableVersion): PropsSettings {
  const role = version.role === true ? { applicationRole: ROLE } : {};
  return { connection: "c", database: database.config.database, allowDrop: version.allowDrop ?? false, ...role };
}

function planOf(database: TestDatabase, one: HazardCase, schema: string): Plan {
  const side = <T>(
    version: TableVersion | undefined,
    make: (table: SinkTable, settings: PropsSettings) => T,
  ): T | undefined =>
    version === undefined ? undefined : make(tableOf(schema, version), settingsOf(database, version));
  const { from, to } = one;
  switch (one.object ?? "table") {
    case "table": {
      const olds = side(from ?? (to?.targetExists === true ? to : undefined), sinkTableProps);
      return planSinkTable(from === undefined ? undefined : found(olds, one.drift), side(to, sinkTableProps));
    }
    case "staging": {
      const olds = side(from, stagingTableProps);
      if (olds === undefined) return planStagingTable(undefined, side(to, stagingTableProps));
      const outputs = stagingTableOutputs(olds);
      const known = one.unknown === true ? outputs : { ...outputs, columns: olds.columns };
      const drifted = one.drift === undefined ? known : { ...known, definition: "altered: by hand" };
      return planStagingTable(drifted, side(to, stagingTableProps));
    }
    case "procedure": {
      const olds = side(from, mergeProcedureProps);
      return planMergeProcedure(olds && mergeProcedureOutputs(olds), side(to, mergeProcedureProps));
    }
    case "schema": {
      const props = (_table: SinkTable, settings: PropsSettings) => ({
        ...settings,
        schemaVersion: SCHEMA_VERSION,
        name: schema,
      });
      return planSinkSchema(side(from, props), side(to, props));
    }
    case "management": {
      const props = (_table: SinkTable, { allowDrop, ...settings }: PropsSettings) =>
        cdcManagementProps(settings, { ...settings, retain: allowDrop !== true });
      const olds = side(from, props);
      return planCdcManagement(olds && (to === undefined ? olds : { ...olds, definition: "older" }), side(to, props));
    }
  }
}

function found(olds: SinkTableOutputs | undefined, drift: FoundDrift | undefined): SinkTableOutputs | undefined {
  if (olds === undefined || drift === undefined) return olds;
  const { unexpected, kept, index, lostMetadata } = drift;
  const metadata = Object.fromEntries(
    METADATA_COLUMNS.filter(({ name }) => name !== lostMetadata).map((column) => [
      column.name,
      formatColumnSpec(column),
    ]),
  );
  return {
    ...olds,
    ...(unexpected === undefined ? {} : { unexpected }),
    ...(kept === undefined ? {} : { kept }),
    ...(index === undefined ? {} : { index }),
    ...(lostMetadata === undefined ? {} : { metadata }),
  };
}

function named(text: string, schema: string): string {
  return text
    .replaceAll("{{T}}", `"${schema}"."T"`)
    .replaceAll("{{S}}", `"${schema}"."stg_T"`)
    .replaceAll("{{schema}}", schema);
}
