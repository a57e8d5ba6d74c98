import type { Config, SourceEntry, SourceTableConfig } from "./config";
import { didYouMean, type Findings } from "./findings";
import { nearestWord } from "./nearest-word";
import { within } from "./problem";
import type { Sink, SinkTable } from "./sink";
import type { CapturedDatabase, CapturedTable, CaptureSettings } from "./source-capture";
import { mergeCaptures } from "./merge-captures";

/** What `capture:` means when it isn't there. */
export const DEFAULT_CAPTURE: CaptureSettings = { manage: true, netChanges: false };

/** The source databases of a service whose servers are declared, with the tables and columns that its sinks take. */
export function buildCapture(
  config: Config,
  sinks: readonly Sink[],
  sources: readonly SourceEntry[],
  findings: Findings,
): CapturedDatabase[] {
  if (config.group.type === "postgres") return [];
  const found = sources.flatMap((source) => databaseOf(config, sinks, source, findings));
  noteUndeclared(config, sources, findings);
  notePasswords(config, found, findings);
  return mergeCaptures(found);
}

function databaseOf(
  config: Config,
  sinks: readonly Sink[],
  source: SourceEntry,
  findings: Findings,
): CapturedDatabase[] {
  const { group, environment } = config;
  const { database, at } = source.environments[environment] ?? {};
  const server = serverOf(source, environment);
  if (server === undefined || database === undefined || group.servers === undefined) return [];
  const declared = Object.hasOwn(group.servers, server) ? group.servers[server] : undefined;
  if (declared === undefined) {
    const names = Object.keys(group.servers);
    const hint = didYouMean(nearestWord(server, names), `add it under servers:, which has ${names.join(", ")}`);
    findings.problem(within(at ?? source.at, "server"), `source group ${group.name} has no server ${server}`, hint);
    return [];
  }
  const taking = sinks.flatMap((sink) => {
    const tables = sink.tables.filter(({ tenant }) => tenant === undefined || tenant === source.name);
    return tables.length === 0 ? [] : [{ sink, tables }];
  });
  const settings = group.capture ?? DEFAULT_CAPTURE;
  const tables = config.service.sourceTables.flatMap((table) =>
    capturedTable(
      config,
      settings,
      table,
      taking.flatMap((one) => one.tables),
    ),
  );
  if (tables.length === 0) return [];
  const named = taking.map(({ sink }) => ({ name: sink.name, database: sink.database }));
  const place = { environment, server, address: declared.address, database, tenants: [source.name] };
  return [{ ...place, settings, tables, sinks: named }];
}

/** The table with every column that one of the sink tables needs; none when no sink takes it. */
function capturedTable(
  config: Config,
  { netChanges }: CaptureSettings,
  source: SourceTableConfig,
  sinkTables: readonly SinkTable[],
): CapturedTable[] {
  const { schema, table, snapshot = config.service.snapshot ?? "initial" } = source;
  const taking = sinkTables.filter((one) => one.source.schema === schema && one.source.table === table);
  if (taking.length === 0) return [];
  const taken = taking.flatMap((one) => one.columns.flatMap((column) => column.source ?? []));
  // What a mapping reads can't be told from its text.
  const mapped = taking.some((one) => one.transforms.length > 0 || (one.mappings ?? []).length > 0);
  const columns = new Set([...taken, ...keyOf(source, netChanges), ...(mapped ? chosenColumns(source) : [])]);
  return [{ schema, table, columns: [...columns].sort(), snapshot }];
}

/** SQL Server wants the whole key for net changes, also what the user leaves out. */
function keyOf(source: SourceTableConfig, netChanges: boolean): string[] {
  const { definition, primaryKey = definition.primaryKey, ignoreColumns } = source;
  const flagged = definition.columns.filter((column) => column.primaryKey).map(({ name }) => name);
  const known = new Set(definition.columns.filter(({ computed }) => !computed).map(({ name }) => name));
  const wanted = (name: string): boolean => known.has(name) && (netChanges || !ignoreColumns.includes(name));
  return [...(primaryKey ?? []), ...flagged].filter(wanted);
}

function chosenColumns({ definition, ignoreColumns, includeColumns }: SourceTableConfig): string[] {
  const chosen = definition.columns.filter(
    ({ name, computed }) => !computed && !ignoreColumns.includes(name) && (includeColumns?.includes(name) ?? true),
  );
  return chosen.map(({ name }) => name);
}

function serverOf({ environments }: SourceEntry, environment: string): string | undefined {
  return environments[environment]?.values["server"] ?? undefined;
}

/** Who names no server at all captures by other means. */
function noteUndeclared({ group, environment }: Config, sources: readonly SourceEntry[], findings: Findings): void {
  const named = (source: SourceEntry): boolean => serverOf(source, environment) !== undefined;
  if (group.servers === undefined && !sources.some(named)) return;
  const without = sources.filter((source) => group.servers === undefined || !named(source));
  if (without.length === 0) return;
  const names = without.map(({ name }) => name).join(", ");
  findings.info(group.name, `change data capture is not deployed for ${names}: no server of servers: is named`);
}

function notePasswords({ group }: Config, databases: readonly CapturedDatabase[], findings: Findings): void {
  for (const server of new Set(databases.map((one) => one.server))) {
    if (group.servers?.[server]?.passwordInFile !== true) continue;
    findings.warning(
      `${group.name}.${server}`,
      "a deployment does not use a password that is written in the file: write ${VARIABLE} alone, or set cdc:source",
    );
  }
}
