import {
  cleanChangesBefore,
  countChangesBefore,
  readCleanable,
  type InstanceStart,
} from "../../databases/sqlserver/clean-capture";
import type { SettingsSources } from "../../databases/postgres/settings";
import { nextLsn, type Lsn } from "../../model/lsn";
import { textOf } from "./enable";
import { inParallel } from "./in-parallel";
import { readPositions, type ReadPositions } from "./read-positions";
import type { CaptureTarget } from "./targets";

/** What there is to clean in a capture instance, and what came of it. */
export interface CleanedInstance {
  readonly table: string;
  readonly instance: string;
  /** Change rows that are old enough. */
  readonly changes: number;
  /** `unread`: a stream has not read all of them yet. */
  readonly outcome: "to-clean" | "cleaned" | "nothing" | "unread" | "failed";
  readonly problem?: string;
}

/** What came of one database. */
export interface CleanedDatabase {
  readonly source: string;
  readonly tenants: readonly string[];
  /** Changes before it go, 20 hex digits. */
  readonly lowWater?: string;
  readonly instances: readonly CleanedInstance[];
  readonly problem?: string;
}

/** What is to be cleaned, and how carefully. */
export interface CleanWishes {
  readonly days: number;
  /** Also what no stream has read yet. */
  readonly force: boolean;
  readonly sinkSettings: SettingsSources;
}

/** Counts what is older than so many days, and looks whether the streams have read it. Changes nothing. */
export function planClean(targets: readonly CaptureTarget[], wishes: CleanWishes): Promise<CleanedDatabase[]> {
  return inParallel(targets, async (target) => {
    const { source, tenants } = target;
    try {
      return await planDatabase(target, wishes);
    } catch (error) {
      return { source, tenants, instances: [], problem: textOf(error) };
    }
  });
}

/** Removes what the plan says. */
export function carryOutClean(
  targets: readonly CaptureTarget[],
  planned: readonly CleanedDatabase[],
): Promise<CleanedDatabase[]> {
  return inParallel(planned, async (database) => {
    const target = targets.find(({ source }) => source === database.source);
    const instances: CleanedInstance[] = [];
    for (const one of database.instances) instances.push(await cleanOne(target, database, one));
    return { ...database, instances };
  });
}

async function planDatabase(target: CaptureTarget, wishes: CleanWishes): Promise<CleanedDatabase> {
  const { source, tenants, config, tables } = target;
  const { lowWater, instances: all } = await readCleanable(config, wishes.days);
  const meant = all.filter((one) => tables.some(({ schema, table }) => one.schema === schema && one.table === table));
  if (lowWater === undefined || meant.length === 0) return { source, tenants, instances: meant.map(untouched) };
  const positions = wishes.force ? undefined : await readPositions(target, wishes.sinkSettings);
  const instances: CleanedInstance[] = [];
  for (const one of meant) {
    const { name, start } = one;
    const changes = start === undefined || start >= lowWater ? 0 : await countChangesBefore(config, name, lowWater);
    instances.push(changes === 0 ? untouched(one) : judged(one, changes, lowWater, positions));
  }
  return { source, tenants, lowWater, instances };
}

function judged(
  { name, schema, table }: InstanceStart,
  changes: number,
  lowWater: Lsn,
  positions: ReadPositions | undefined,
): CleanedInstance {
  const common = { table: `${schema}.${table}`, instance: name, changes };
  const unread = positions?.problemBefore(schema, table, (position) => nextLsn(position) < lowWater);
  return unread === undefined ? { ...common, outcome: "to-clean" } : { ...common, outcome: "unread", problem: unread };
}

function untouched({ name, schema, table }: InstanceStart): CleanedInstance {
  return { table: `${schema}.${table}`, instance: name, changes: 0, outcome: "nothing" };
}

async function cleanOne(
  target: CaptureTarget | undefined,
  { lowWater }: CleanedDatabase,
  one: CleanedInstance,
): Promise<CleanedInstance> {
  if (one.outcome !== "to-clean" || target === undefined || lowWater === undefined) return one;
  try {
    await cleanChangesBefore(target.config, one.instance, lowWater as Lsn);
    return { ...one, outcome: "cleaned" };
  } catch (error) {
    return { ...one, outcome: "failed", problem: textOf(error) };
  }
}
