import { buildColumns, type BuiltColumns } from "./column-pipeline";
import type { Config, SinkConfig, SinkTableConfig, SourceEntry, SourceTableConfig } from "./config";
import { declaredHints } from "./declared-hints";
import { didYouMean, type Findings } from "./findings";
import { identifierFault, procedureName, sinkName, stagingName } from "./identifier";
import { nearestWord } from "./nearest-word";
import { within } from "./problem";
import type { Note, SinkTable } from "./sink";
import { checkSchemas, placements, type Placement } from "./sink-schemas";
import { objectOf } from "./source-columns";
import { checkTenantColumn } from "./tenant-rule";
import { filledColumns } from "./tenant-values";

/** A finished table with the entry of the configuration it comes from. */
export interface PlacedTable {
  readonly table: SinkTable;
  readonly config: SinkTableConfig;
  readonly placement: Placement;
}

/** All tables that one entry of a sink stands for: one per customer, or one. */
export function sinkTables(
  config: Config,
  sink: SinkConfig,
  entry: SinkTableConfig,
  sources: readonly SourceEntry[],
  findings: Findings,
): PlacedTable[] {
  const fault = identifierFault(entry.table);
  if (fault !== undefined) findings.problem(entry.at, `table name ${JSON.stringify(entry.table)} ${fault}`);
  const source = sourceTableOf(config, entry, findings);
  if (source === undefined) return [];
  const placed = placements(config, entry, sources);
  checkSchemas(placed, entry, findings);
  const built = buildColumns(source, entry, config, findings);
  const shared = placed.some((placement) => placement.shared);
  checkTenantColumn(config, entry, built, shared, findings);
  const common = { ...commonParts(sink, entry, built, findings), ...described(source.definition.description) };
  return placed.map((placement) => {
    const parts = partsOf(config, source, built, { placement, sources }, findings);
    const mappings = built.mappings.length === 0 ? {} : { mappings: built.mappings };
    const table = { ...common, ...parts, schema: placement.schema.name, transforms: built.transforms, ...mappings };
    return { config: entry, placement, table };
  });
}

type CommonParts = Omit<SinkTable, "schema" | "source" | "tenant" | "tenants" | "columns" | "transforms">;

function commonParts(sink: SinkConfig, entry: SinkTableConfig, built: BuiltColumns, findings: Findings): CommonParts {
  const name = sinkName(entry.table);
  const notes = [...built.notes, ...shortened(entry, name)];
  for (const note of notes) if (note.severity === "warning") findings.notes.push(note);
  const hints = declaredHints(entry, built.columns, findings);
  return {
    name,
    staging: stagingName(name),
    procedure: procedureName(name),
    key: built.key,
    targetExists: entry.targetExists,
    onDelete: entry.onDelete ?? sink.onDelete,
    stagingLogged: entry.stagingLogged ?? sink.stagingLogged,
    notes,
    ...(hints === undefined ? {} : { hints }),
  };
}

function described(description: string | undefined): Pick<SinkTable, "description"> {
  return description === undefined ? {} : { description };
}

function shortened(entry: SinkTableConfig, name: string): Note[] {
  const long = name !== entry.table ? [`longer than 63 bytes: stored as ${name}`] : [];
  const derived = [stagingName(name), procedureName(name)].filter((one) => !one.endsWith(name));
  const texts = derived.length === 0 ? long : [...long, `shortened: ${derived.join(", ")}`];
  return texts.map((text) => ({ severity: "info", object: entry.key, text }));
}

/** The source table of an entry: `from`, else the one of the same name. */
function sourceTableOf(config: Config, entry: SinkTableConfig, findings: Findings): SourceTableConfig | undefined {
  const wanted = entry.from ?? { table: entry.table };
  const { sourceTables } = config.service;
  const found = sourceTables.filter(
    ({ schema, table }) => table === wanted.table && (wanted.schema ?? schema) === schema,
  );
  if (found.length === 1) return found[0];
  if (config.service.unread.some((name) => name.endsWith(wanted.table))) return undefined;
  const at = entry.from === undefined ? entry.at : within(entry.at, "from");
  const names = sourceTables.map(objectOf);
  if (found.length > 1) {
    findings.problem(at, `${entry.key} may come from ${found.map(objectOf).join(" or ")}`, "say which with from:");
    return undefined;
  }
  const text = wanted.schema === undefined ? wanted.table : `${wanted.schema}.${wanted.table}`;
  const near =
    nearestWord(text, names) ??
    nearestWord(
      text,
      sourceTables.map(({ table }) => table),
    );
  findings.problem(
    at,
    `${text}, the source of ${entry.key}, is not in source.tables`,
    didYouMean(near, "add it there, or name another table with from:"),
  );
  return undefined;
}

type PlacedParts = Pick<SinkTable, "source" | "tenant" | "tenants" | "columns">;

function partsOf(
  config: Config,
  source: SourceTableConfig,
  built: BuiltColumns,
  { placement, sources }: { readonly placement: Placement; readonly sources: readonly SourceEntry[] },
  findings: Findings,
): PlacedParts {
  const { source: entry, schema } = placement;
  const database = entry?.environments[config.environment]?.database;
  const origin = { schema: source.schema, table: source.table };
  const filled = filledColumns(config, built, entry ?? sources, findings);
  return {
    source: database === undefined ? origin : { database, ...origin },
    ...(schema.tenant === undefined ? {} : { tenant: schema.tenant }),
    ...filled,
  };
}
