import { MANAGEMENT_SCHEMA } from "../../databases/postgres/actual/cdc-management";
import { nameKey, readCatalog, type Catalog } from "../../databases/postgres/catalog";
import type { PgConfig } from "../../databases/postgres/config";
import { readHistory } from "../../databases/postgres/migration-history";
import type { MigrationFolder } from "../folder";
import { unitsOf, type ManualEntry, type TableEntry, type Unit } from "../migration-set";
import { comparerOf } from "./comparer";
import { historyOf, isRecorded, recordedFiles, type History, type RecordedFile } from "./file-history";
import { liveInfrastructure, type LiveInfrastructure } from "./infrastructure";
import { isAsWanted, type Difference, type LiveUnit } from "./live-unit";
import { oddOnes, type OddOne } from "./odd-ones";
import { wantedTable, type WantedTable, type WantedUnit } from "./wanted";

/**
 * How a table in a schema stands: `applied` and `adopted` (it was there already) are as the files want; `pending` was
 * never applied or has steps to come; `modified` was applied from another version of the files; `drifted` was changed
 * in the database; `blocked` waits for a person to resolve a manual file.
 */
export type UnitState = "applied" | "adopted" | "pending" | "modified" | "drifted" | "blocked";

/** A table in one schema, compared. */
export interface InspectedUnit {
  readonly unit: Unit;
  /** The manifest's entry: one for a table of all customers. */
  readonly entry: TableEntry;
  readonly source: WantedTable;
  readonly wanted: WantedUnit;
  readonly live: LiveUnit;
  readonly files: readonly RecordedFile[];
  /** Manual files that keep it from being applied. */
  readonly blockedBy: readonly ManualEntry[];
  readonly state: UnitState;
}

/** A sink's database in one environment beside the files: from one reading of catalogue and history. */
export interface Inspection {
  readonly catalog: Catalog;
  readonly history: History;
  readonly infrastructure: LiveInfrastructure;
  readonly units: readonly InspectedUnit[];
  readonly odd: readonly OddOne[];
}

/** Compares a database with the files, in at most six queries however many tables there are. */
export async function inspect(folder: MigrationFolder, environment: string, config: PgConfig): Promise<Inspection> {
  const { manifest } = folder;
  const catalog = await readCatalog(config);
  const known = catalog.tables.has(nameKey(MANAGEMENT_SCHEMA, "migration_history"));
  const history = historyOf(known ? await readHistory(config) : []);
  const compare = comparerOf(catalog, config);
  const tables = new Map(manifest.tables.map((entry) => [entry, wantedTable(folder, entry)] as const));
  const units: InspectedUnit[] = [];
  for (const unit of unitsOf(manifest, environment)) {
    const { entry, target } = unit;
    const source = tables.get(entry) ?? wantedTable(folder, entry);
    const { wanted, live } = await compare(source, target);
    const files = recordedFiles(history, folder, entry, target.schema);
    const blockedBy = manifest.manual.filter((manual) => manual.blocks && concerns(manual, entry));
    units.push({ unit, entry, source, wanted, live, files, blockedBy, state: stateOf(live, files, blockedBy) });
  }
  const file = folder.files.get(manifest.infrastructure.at(-1)?.file ?? "");
  const infrastructure = liveInfrastructure(catalog, manifest, environment, file);
  return { catalog, history, infrastructure, units, odd: oddOnes(units, catalog) };
}

/** All that a unit has otherwise than wanted. */
export function differencesOf({ table, staging, procedure }: LiveUnit): Difference[] {
  return [...table.differences, ...staging.differences, ...procedure.differences];
}

function concerns(manual: ManualEntry, entry: TableEntry): boolean {
  return manual.service === entry.service && manual.schema === entry.schema && manual.table === entry.table;
}

function stateOf(live: LiveUnit, files: readonly RecordedFile[], blockedBy: readonly ManualEntry[]): UnitState {
  if (blockedBy.length > 0) return "blocked";
  if (isAsWanted(live)) {
    const applied = files.every((file) => isRecorded(file) && file.row?.outcome !== "adopted");
    return applied ? "applied" : "adopted";
  }
  if (files.some(({ row }) => row === undefined)) return "pending";
  return files.every(isRecorded) ? "drifted" : "modified";
}
