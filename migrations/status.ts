import type { PgConfig } from "../databases/postgres/config";
import { isRecorded } from "./compare/file-history";
import { differencesOf, inspect, type InspectedUnit, type UnitState } from "./compare/inspect";
import type { Difference } from "./compare/live-unit";
import type { OddOne } from "./compare/odd-ones";
import type { FileFault, MigrationFolder } from "./folder";
import { unitsOf, type ManualEntry } from "./migration-set";

/** How the tables of one schema stand: how many are in each state. */
export interface SchemaStatus extends Readonly<Record<UnitState, number>> {
  readonly schema: string;
  readonly tenant?: string;
  readonly tables: number;
}

/** A table that isn't as the files want, or isn't known to be. */
export interface TableStatus {
  readonly schema: string;
  readonly table: string;
  readonly state: UnitState;
  /** Files that the history doesn't have, in the version of the folder. */
  readonly files: readonly string[];
  readonly differences: readonly Difference[];
}

/** A sink's database in one environment, beside the files. */
export interface MigrationStatus {
  readonly sink: string;
  readonly environment: string;
  readonly database: string;
  /** Nothing is left to apply, nothing drifted, nothing waits for a person. */
  readonly upToDate: boolean;
  readonly schemas: readonly SchemaStatus[];
  /** Tables that are not as wanted. */
  readonly tables: readonly TableStatus[];
  /** Schemas and the management schema. */
  readonly infrastructure: readonly Difference[];
  /** Schemas that are the odd one out. */
  readonly odd: readonly OddOne[];
  /** Files that are not as they were generated. */
  readonly faults: readonly FileFault[];
  /** What waits for a person. */
  readonly manual: readonly ManualEntry[];
}

/** Compares files, history and live catalogue. Changes nothing. Throws CdcError when the database cannot be read. */
export async function readStatus(
  folder: MigrationFolder,
  environment: string,
  config: PgConfig,
): Promise<MigrationStatus> {
  const { manifest, faults } = folder;
  const { units, infrastructure, odd } = await inspect(folder, environment, config);
  const left = units.filter(({ state }) => state !== "applied" && state !== "adopted");
  return {
    sink: manifest.sink.name,
    environment,
    database: config.database,
    upToDate: left.length === 0 && infrastructure.differences.length === 0 && faults.length === 0,
    schemas: (manifest.schemas[environment] ?? []).map(({ name, tenant }) => ({
      schema: name,
      ...(tenant === undefined ? {} : { tenant }),
      ...countsOf(units.filter(({ unit }) => unit.target.schema === name)),
    })),
    tables: left.map(tableStatus),
    infrastructure: infrastructure.differences,
    odd,
    faults,
    manual: manifest.manual,
  };
}

/** What the folder alone says: how many files each schema gets. */
export interface OfflineStatus {
  readonly sink: string;
  readonly environment: string;
  readonly schemas: readonly { readonly schema: string; readonly tables: number; readonly files: number }[];
  readonly faults: readonly FileFault[];
  readonly manual: readonly ManualEntry[];
}

/** The status without a database: what there is to apply, and whether the files are as they were generated. */
export function offlineStatus({ manifest, faults }: MigrationFolder, environment: string): OfflineStatus {
  const units = unitsOf(manifest, environment);
  const schemas = (manifest.schemas[environment] ?? []).map(({ name }) => {
    const own = units.filter(({ target }) => target.schema === name);
    const files = own.reduce((sum, { entry }) => sum + entry.files.length + entry.changes.length, 0);
    return { schema: name, tables: own.length, files };
  });
  return { sink: manifest.sink.name, environment, schemas, faults, manual: manifest.manual };
}

function countsOf(units: readonly InspectedUnit[]): Readonly<Record<UnitState, number>> & { readonly tables: number } {
  const counts = { applied: 0, adopted: 0, pending: 0, modified: 0, drifted: 0, blocked: 0 };
  for (const { state } of units) counts[state] += 1;
  return { tables: units.length, ...counts };
}

function tableStatus({ unit, state, files, live }: InspectedUnit): TableStatus {
  const { entry, target } = unit;
  return {
    schema: target.schema,
    table: entry.table,
    state,
    files: files.filter((file) => !isRecorded(file)).map(({ file }) => file),
    differences: differencesOf(live),
  };
}
