import { compareTable, type ModelChange } from "../../model/diff";
import { canonicalJson } from "../../sql/plans/definition";
import { readFolderIfThere, sinkFolders, type MigrationFolder } from "../folder";
import { isIntact } from "../migration-file";
import { SCHEMA_PLACEHOLDER, type Manifest, type TableEntry } from "../migration-set";
import { registrationIn } from "../registration";
import { pathPart } from "../../lib/path-part";
import { gatherSinks } from "../generate/gather";
import type { GatheredSink, GatheredTable, ServiceInput } from "../generate/gathered";
import { sinkDirectory } from "../generate/generate";
import type { NextTable } from "../generate/next-table";
import { planFolder, type FolderPlan } from "../generate/plan-folder";
import { isMeant, sinksInScope, type Scope } from "../generate/scope";
import { harmless, type FileChange } from "./file-change";

/** What `diff` needs to know. */
export interface DiffOptions extends Scope {
  readonly migrations: string;
}

/**
 * What `generate` would change, told per table and column, in the order of sinks and tables. Writes nothing.
 * Throws CdcError for files that can't be read back, and for what {@link gatherSinks} refuses.
 */
export function diffFiles(services: readonly ServiceInput[], options: DiffOptions): FileChange[] {
  const sinks = gatherSinks(services);
  const meant = options.sink === undefined && options.table === undefined ? sinks : sinksKnown(sinks, options);
  return [...meant.flatMap((sink) => diffSink(sink, options)), ...sinksRemoved(sinks, options)];
}

/** Like those of generate, but a table that only has files is known as well. */
function sinksKnown(sinks: readonly GatheredSink[], options: DiffOptions): GatheredSink[] {
  const { sink, table, migrations } = options;
  const own = sinks.filter(({ name }) => sink === undefined || sink === name);
  const filed = own.filter(({ name }) =>
    readFolderIfThere(sinkDirectory(migrations, name))?.manifest.tables.some(
      (entry) => table !== undefined && isMeant(entry, options),
    ),
  );
  return filed.length > 0 ? own : sinksInScope(sinks, options);
}

function diffSink(sink: GatheredSink, options: DiffOptions): FileChange[] {
  const previous = readFolderIfThere(sinkDirectory(options.migrations, sink.name));
  const plan = planFolder(sink, previous, options, []);
  const changes = plan.tables.flatMap((next) => tableChanges(sink, next, previous));
  const gone = plan.removed.now.map((entry) => tableRemoved(sink, entry));
  const schemas = options.table === undefined ? schemaChanges(sink, previous?.manifest, plan.manifest) : [];
  const told = [...schemas, ...changes, ...gone];
  return [...told, ...fileChanges(sink, plan, previous, told)];
}

function tableChanges(sink: GatheredSink, next: NextTable, previous: MigrationFolder | undefined): FileChange[] {
  const { entry } = next;
  const gathered = sink.tables.find(
    ({ service, schema, name }) => service === entry.service && schema === entry.schema && name === entry.table,
  );
  const known = previous?.manifest.tables.some((one) => one === next.formerly || isSame(one, entry)) ?? false;
  if (!known) return [tableAdded(sink, entry, gathered)];
  const own = next.differences
    .filter((change) => !isWaiting(change, entry, previous))
    .map((change) => columnChange(sink, entry, gathered, change));
  return [...own, ...otherChanges(sink, next, previous)];
}

/** A type that a person has to change: generating again would only say so again. */
function isWaiting(
  { kind, column, to }: ModelChange,
  entry: TableEntry,
  previous: MigrationFolder | undefined,
): boolean {
  if (kind !== "COLUMN_TYPE_CHANGED") return false;
  const manual = previous?.manifest.manual.filter(
    (one) => one.table === entry.table && isSame(entry, { ...entry, ...one }),
  );
  return manual?.some((one) => one.reason === "type-change" && one.column === column && one.to === to?.type) ?? false;
}

function columnChange(
  sink: GatheredSink,
  entry: TableEntry,
  gathered: GatheredTable | undefined,
  change: ModelChange,
): FileChange {
  const { kind, severity, summary, hazard, column } = change;
  const name = `${entry.schema}.${entry.table}`;
  const object = column === undefined ? name : `${name}.${column}`;
  const { source } = gathered?.instances[0]?.table ?? {};
  const own = gathered?.instances[0]?.table.columns.find((one) => one.name === column);
  return {
    kind,
    severity,
    sink: sink.name,
    service: entry.service,
    object,
    summary,
    hazard,
    table: entry.table,
    ...(column === undefined ? {} : { column }),
    ...(source === undefined
      ? {}
      : {
          source: {
            schema: source.schema,
            table: source.table,
            ...(own?.source === undefined ? {} : { column: own.source }),
          },
        }),
    ...fileOf(entry),
  };
}

function tableAdded(sink: GatheredSink, entry: TableEntry, gathered: GatheredTable | undefined): FileChange {
  const { source, columns = [], key = [] } = gathered?.instances[0]?.table ?? {};
  const own = columns.filter(({ origin }) => origin !== "metadata");
  const compared = { columns: Object.fromEntries(own.map((column) => [column.name, column])), key };
  const [change] = compareTable(undefined, compared, entry.table);
  const summary = change?.summary ?? "table";
  const from = source === undefined ? {} : { source: { schema: source.schema, table: source.table } };
  return harmless({
    kind: "TABLE_ADDED",
    sink: sink.name,
    service: entry.service,
    object: `${entry.schema}.${entry.table}`,
    summary,
    table: entry.table,
    ...from,
  });
}

function tableRemoved(sink: GatheredSink, entry: TableEntry): FileChange {
  const summary = "table is no longer configured; it is kept with its rows";
  const { service, schema, table } = entry;
  return harmless(
    { kind: "TABLE_REMOVED", sink: sink.name, service, object: `${schema}.${table}`, summary, table, ...fileOf(entry) },
    "warning",
  );
}

/** What changes beside columns and key. */
function otherChanges(sink: GatheredSink, next: NextTable, previous: MigrationFolder | undefined): FileChange[] {
  const { entry, changes, files } = next;
  const common = {
    sink: sink.name,
    service: entry.service,
    object: `${entry.schema}.${entry.table}`,
    table: entry.table,
    ...fileOf(entry, 1),
  };
  const told = changes
    .filter(({ kind }) => kind === "GRANTS_CHANGED" || kind === "STAGING_CHANGED")
    .filter(({ kind }) => kind === "GRANTS_CHANGED" || next.differences.length === 0)
    .map(({ kind, summary, hazard, severity }): FileChange => ({
      ...common,
      kind: kind as "GRANTS_CHANGED" | "STAGING_CHANGED",
      summary,
      hazard,
      severity,
    }));
  const path = entry.files[1]?.file ?? "";
  const [before, after] = [previous?.files.get(path)?.body, files.find((file) => file.path === path)?.body].map(
    shapeIn,
  );
  const same = before === undefined || before === after || next.differences.length > 0;
  if (same) return told;
  return [
    ...told,
    harmless({
      ...common,
      kind: "MERGE_CHANGED",
      summary: "the merge, or where its values come from, is not as configured",
    }),
  ];
}

function shapeIn(body: string | undefined): string | undefined {
  const registration = body === undefined ? undefined : registrationIn(body);
  return registration === undefined ? undefined : canonicalJson(registration.shape);
}

/** Schemas of all environments, each once. */
function schemaChanges(sink: GatheredSink, before: Manifest | undefined, after: Manifest): FileChange[] {
  if (before === undefined) return [];
  const [olds, news] = [before, after].map(({ schemas }) =>
    Object.entries(schemas).flatMap(([environment, entries]) => entries.map(({ name }) => ({ environment, name }))),
  );
  const missing = (list: typeof olds = [], other: typeof olds = []) =>
    list.filter((one) => !other.some(({ environment, name }) => environment === one.environment && name === one.name));
  const object = ({ environment, name }: { environment: string; name: string }) => ({
    sink: sink.name,
    object: `${name} (${environment})`,
  });
  return [
    ...missing(news, olds).map((one) =>
      harmless({
        kind: "SCHEMA_ADDED",
        ...object(one),
        summary: `schema ${one.name} is new in environment ${one.environment}`,
      }),
    ),
    ...missing(olds, news).map((one) =>
      harmless(
        {
          kind: "SCHEMA_REMOVED",
          ...object(one),
          summary: `schema ${one.name} is no longer in environment ${one.environment}; it is kept`,
        },
        "warning",
      ),
    ),
  ];
}

/** Files that are not as they were generated, or would be written another way though nothing else was told of them. */
function fileChanges(
  sink: GatheredSink,
  plan: FolderPlan,
  previous: MigrationFolder | undefined,
  told: readonly FileChange[],
): FileChange[] {
  if (previous === undefined) return [];
  const faults = plan.faults.flatMap(({ file, kind }): FileChange[] => {
    if (kind === "other") return [];
    const [words, what] =
      kind === "edited" ? (["was edited by hand", "FILE_EDITED"] as const) : (["is gone", "FILE_MISSING"] as const);
    return [harmless({ kind: what, sink: sink.name, object: file, summary: `the file ${words}`, file }, "warning")];
  });
  const explained = new Set([...faults.map(({ file }) => file), ...told.map(({ table }) => table)]);
  const schemasChanged = told.some(({ kind }) => kind.startsWith("SCHEMA_"));
  const tableOf = new Map(
    plan.manifest.tables.flatMap((entry) => entry.files.map(({ file }) => [file, entry.table] as const)),
  );
  const outdated = plan.files.filter(({ path, checksum }) => {
    const found = previous.files.get(path);
    const table = tableOf.get(path);
    if (found === undefined || explained.has(path) || path.startsWith("manual/") || path.startsWith("02-changes/"))
      return false;
    if (table === undefined ? schemasChanged : explained.has(table)) return false;
    return !isIntact(found) || found.checksum !== checksum;
  });
  const summary = "generating again writes it another way; no table changes";
  return [
    ...faults,
    ...outdated.map(({ path }) =>
      harmless({ kind: "FILE_OUTDATED", sink: sink.name, object: path, summary, file: path }),
    ),
  ];
}

function sinksRemoved(sinks: readonly GatheredSink[], options: DiffOptions): FileChange[] {
  if (options.everyService !== true || options.sink !== undefined || options.table !== undefined) return [];
  const known = new Set(sinks.map(({ name }) => pathPart(name)));
  const gone = sinkFolders(options.migrations).filter((name) => !known.has(name));
  return gone.map((name) =>
    harmless(
      {
        kind: "SINK_REMOVED",
        sink: name,
        object: name,
        summary: "the sink is no longer configured; its databases and files are kept",
      },
      "warning",
    ),
  );
}

function fileOf({ files }: TableEntry, index = 0): { readonly file?: string } {
  const file = files[index]?.file;
  return file === undefined ? {} : { file };
}

function isSame(one: TableEntry, other: TableEntry): boolean {
  const covers =
    one.schema === other.schema || one.schema === SCHEMA_PLACEHOLDER || other.schema === SCHEMA_PLACEHOLDER;
  return one.service === other.service && one.table === other.table && covers;
}
