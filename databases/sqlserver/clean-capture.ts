import { parseLsn, type Lsn } from "../../model/lsn";
import { cleanInstance, countBefore, LOW_WATER, STARTS } from "../../sql/sqlserver/clean-statements";
import type { MsSqlConfig } from "./config";
import { readCaptureState } from "./capture-state";
import { queryRows } from "./run";

/** Where the changes of a capture instance begin. */
export interface InstanceStart {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  /** Absent until the capture has run once. */
  readonly start?: Lsn;
}

/** What there is to clean in one database. */
export interface Cleanable {
  /** Changes before it may go; absent while nothing was ever captured. */
  readonly lowWater?: Lsn;
  readonly instances: readonly InstanceStart[];
}

/**
 * Looks for what is older than so many days.
 * @throws CdcError when the database can't be asked.
 */
export async function readCleanable(config: MsSqlConfig, days: number): Promise<Cleanable> {
  if (!(await readCaptureState(config)).enabled) return { instances: [] };
  const [mark] = await queryRows(config, LOW_WATER, [{ name: "days", type: "int", value: days }]);
  const starts = await queryRows(config, STARTS);
  const lowWater = lsnOf(mark?.["low_water"]);
  const instances = starts.map((row) => {
    const start = lsnOf(row["start_lsn"]);
    const { capture_instance: name, source_schema: schema, source_table: table } = row;
    return { name: name ?? "", schema: schema ?? "", table: table ?? "", ...(start === undefined ? {} : { start }) };
  });
  return { ...(lowWater === undefined ? {} : { lowWater }), instances };
}

/** Change rows of an instance before a mark. */
export async function countChangesBefore(config: MsSqlConfig, instance: string, lowWater: Lsn): Promise<number> {
  const [row] = await queryRows(config, countBefore(instance, lowWater));
  return Number(row?.["rows_before"] ?? 0);
}

/** Removes the changes of an instance before a mark. */
export async function cleanChangesBefore(config: MsSqlConfig, instance: string, lowWater: Lsn): Promise<void> {
  await queryRows(config, cleanInstance(instance, lowWater), [], { object: `capture instance ${instance}` });
}

function lsnOf(text: string | null | undefined): Lsn | undefined {
  return text === null || text === undefined ? undefined : parseLsn(text.replace(/^\\x/, ""));
}
