import { nameKey, type Catalog, type CatalogColumn, type CatalogTable } from "../catalog";
import type { PgConfig } from "../config";
import { METADATA_COLUMNS } from "../../../model/metadata-columns";
import { pendingRenames, type ColumnRename } from "../../../model/table-hints";
import { formatColumnSpec, parseColumnSpec } from "../../../sql/plans/column-spec";
import type { ColumnSpecs, SinkTableOutputs, SinkTableProps } from "../../../sql/plans/props";
import { planSinkTable } from "../../../sql/plans/sink-table";
import { sameDefault } from "./defaults";
import { roleHolding } from "./rights";

const METADATA = new Map(METADATA_COLUMNS.map((column) => [column.name, formatColumnSpec(column)]));

/** The table as the database has it; undefined when there is none. */
export async function actualSinkTable(
  catalog: Catalog,
  known: SinkTableProps | SinkTableOutputs,
  config: PgConfig,
): Promise<SinkTableOutputs | undefined> {
  const found = catalog.tables.get(nameKey(known.schema, known.table));
  if (found === undefined || found.kind === "view" || found.kind === "materialized") return undefined;
  const { schemaVersion, connection, database, schema, table, onDelete, targetExists, allowDrop } = known;
  const base = { schemaVersion, connection, database, schema, table, onDelete, targetExists, allowDrop };
  const renames = renamesIn(found, known);
  const former = renames.map(({ from, to }) => [from, known.columns[to] ?? ""] as const);
  const named = { ...known, columns: { ...known.columns, ...Object.fromEntries(former) } };
  const own = found.columns.filter((column) => Object.hasOwn(named.columns, column.name));
  const columns = await specsOf(own, named.columns, config);
  const metadata = await metadataOf(found, config);
  const actual = { ...base, columns, key: [...found.key], ...metadata };
  if (targetExists) return foreignTable(actual, known);
  const index = hasSyncIndex(found) ? {} : { index: false };
  const extra = extraColumns(found, named);
  const arrived = found.columns.filter(({ name }) => extra.unexpected?.includes(name) === true);
  const specs = arrived.length === 0 ? {} : { found: await specsOf(arrived, {}, config) };
  return { ...actual, ...roleHolding(found, known.applicationRole, "r"), ...index, ...extra, ...specs };
}

/** Renames that the table hasn't seen yet: the columns that they are about are no extra ones. */
function renamesIn(found: CatalogTable, known: SinkTableProps | SinkTableOutputs): readonly ColumnRename[] {
  const names = found.columns.map(({ name }) => name);
  return known.targetExists ? [] : pendingRenames(names, known.columns, (known as SinkTableProps).hints?.renames);
}

/** Somebody else's table is as wanted while the merge can use it, whatever else it is. */
function foreignTable(actual: SinkTableOutputs, known: SinkTableProps | SinkTableOutputs): SinkTableOutputs {
  const fits = planSinkTable(actual, known).failures.length === 0;
  const { applicationRole, columns, key } = known;
  const role = applicationRole === undefined ? {} : { applicationRole };
  if (!fits) return { ...actual, ...role };
  const { metadata: _metadata, ...rest } = actual;
  return { ...rest, ...role, columns, key };
}

async function specsOf(
  columns: readonly CatalogColumn[],
  known: ColumnSpecs,
  config: PgConfig,
): Promise<Record<string, string>> {
  const specs: Record<string, string> = {};
  for (const column of columns) specs[column.name] = await specOf(column, known[column.name], config);
  return specs;
}

async function specOf(column: CatalogColumn, known: string | undefined, config: PgConfig): Promise<string> {
  const spec = { type: column.type, nullable: !column.notNull };
  if (column.default === undefined) return formatColumnSpec(spec);
  const wanted = known === undefined ? undefined : parseColumnSpec(column.name, known);
  const expression = await sameDefault(config, column.type, wanted?.default, column.default);
  return formatColumnSpec(expression === undefined ? spec : { ...spec, default: expression });
}

/** The metadata columns when they differ from the standard ones. */
async function metadataOf(table: CatalogTable, config: PgConfig): Promise<{ metadata?: ColumnSpecs }> {
  const found = table.columns.filter((column) => METADATA.has(column.name));
  const specs = await specsOf(found, Object.fromEntries(METADATA), config);
  const standard = found.length === METADATA.size && found.every(({ name }) => specs[name] === METADATA.get(name));
  return standard ? {} : { metadata: specs };
}

/** Whether readers can follow the table by its `__sync_timestamp`. */
export function hasSyncIndex(table: CatalogTable): boolean {
  return table.indexes.some((index) => index.usable && index.columns[0] === "__sync_timestamp");
}

/** A table that is met for the first time keeps its further columns silently; later ones are drift. */
function extraColumns(
  table: CatalogTable,
  known: SinkTableProps | SinkTableOutputs,
): { kept?: readonly string[]; unexpected?: readonly string[] } {
  const names = table.columns.map((column) => column.name);
  const extra = names.filter((name) => !METADATA.has(name) && !Object.hasOwn(known.columns, name)).sort();
  const acknowledged = new Set((known as SinkTableOutputs).kept ?? []);
  const kept = extra.filter((name) => acknowledged.has(name));
  const unexpected = extra.filter((name) => !acknowledged.has(name));
  return { ...(kept.length > 0 ? { kept } : {}), ...(unexpected.length > 0 ? { unexpected } : {}) };
}
