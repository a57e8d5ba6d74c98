import { catalogOn } from "../../databases/postgres/catalog";
import type { PgConfig } from "../../databases/postgres/config";
import { POOL_SIZE } from "../../databases/postgres/pool";
import { runLookedAt, runStatements, type RunOptions, type Session } from "../../databases/postgres/run";
import { CdcError } from "../../lib/errors";
import { recordHistory, type HistoryEntry } from "../../sql/history";
import { differencesOf } from "../compare/inspect";
import { liveUnit, type Difference } from "../compare/live-unit";
import { nameOf, type UnitWork } from "./unit-work";

/** How units are run. */
export interface RunUnitsOptions {
  /** Longest that a change keeps others waiting for a lock. */
  readonly lockTimeoutMs: number;
  /** How often a unit is tried in all, when others hold its locks. */
  readonly attempts: number;
  /** Called after each unit, in the order in which they end. */
  readonly onDone: (work: UnitWork, result: UnitResult) => void;
  /** False: no further unit is begun. Those under way are finished. */
  readonly mayGoOn: () => boolean;
}

/** What came of a unit. */
export interface UnitResult {
  readonly error?: CdcError;
  /** Columns that the files don't have, as seen afterwards. */
  readonly extra?: readonly Difference[];
}

/** Failures that may come from a step that the table has in it already. */
const OF_STEPS = new Set(["CDC_PG_ERROR", "CDC_MIGRATION_MISSED"]);

/** Runs units on four connections, each in a transaction of its own; a unit that fails keeps no other from being done. */
export async function runUnits(config: PgConfig, works: readonly UnitWork[], options: RunUnitsOptions): Promise<void> {
  const queue = works.values();
  const worker = async (): Promise<void> => {
    for (const work of queue) {
      if (!options.mayGoOn()) return;
      options.onDone(work, await runUnit(config, work, options));
    }
  };
  await Promise.all(Array.from({ length: POOL_SIZE }, worker));
}

/** Statements of a unit with its rows of the history: what one transaction does. */
export function batchOf({ statements, history }: UnitWork): string[] {
  return withHistory(statements(), history);
}

/** Statements, and the one that records them. */
export function withHistory(statements: readonly string[], history: readonly HistoryEntry[]): string[] {
  return history.length === 0 ? [...statements] : [...statements, recordHistory(history)];
}

async function runUnit(config: PgConfig, work: UnitWork, options: RunUnitsOptions): Promise<UnitResult> {
  const { lockTimeoutMs, attempts, mayGoOn } = options;
  const run: RunOptions = { object: `table ${nameOf(work)}`, checkBodies: false, attempts, mayGoOn };
  try {
    if (!work.looked) {
      await runStatements(config, batchOf(work), { ...run, lockTimeoutMs, repeatable: true });
      return {};
    }
    let extra: readonly Difference[] = [];
    const look = async (session: Session) => {
      extra = await lookAt(session, work, config);
    };
    // Two locks are waited for one after the other, and whoever waits behind the first waits for both.
    await runLookedAt(config, batchOf(work), look, {
      ...run,
      lockTimeoutMs: Math.max(1, Math.floor(lockTimeoutMs / 2)),
    });
    return { extra };
  } catch (error) {
    if (error instanceof CdcError) return otherwise(config, work, error, options);
    throw error;
  }
}

/** Fewer steps, when they may be the reason; the first error tells most when none lead there. */
async function otherwise(
  config: PgConfig,
  work: UnitWork,
  error: CdcError,
  options: RunUnitsOptions,
): Promise<UnitResult> {
  if (work.otherwise === undefined || !OF_STEPS.has(error.code) || !options.mayGoOn()) return { error };
  const result = await runUnit(config, work.otherwise, options);
  return result.error === undefined ? result : { error };
}

/** Compares what the statements made with what the files want. Throws CdcError (CDC_MIGRATION_MISSED), so that nothing stays. */
export async function lookAt(session: Session, work: UnitWork, config: PgConfig): Promise<Difference[]> {
  const { wanted } = work.inspected;
  const { schema, table } = wanted.table;
  const names = [table, wanted.staging.staging];
  const catalog = await catalogOn(session, { schema, table: names, routine: wanted.procedure.procedure });
  return missed(work, differencesOf(await liveUnit(catalog, wanted, config)));
}

/** Throws CdcError (CDC_MIGRATION_MISSED) when there are differences, columns that somebody added aside: returns these. */
export function missed(work: UnitWork, found: readonly Difference[]): Difference[] {
  const extra = found.filter(({ kind }) => kind === "COLUMN_UNEXPECTED");
  const left = found.filter(({ kind }) => kind !== "COLUMN_UNEXPECTED");
  if (left.length === 0) return extra;
  const list = left.map(({ object, summary }) => `${object}: ${summary}`).join("; ");
  const message = `the steps of table ${nameOf(work)} do not lead to what the files want, so nothing was changed: ${list}`;
  const hint =
    "The table was changed past the files. Look with `cdc manage-migrations check`; `apply --repair` alters it as needed.";
  throw new CdcError("CDC_MIGRATION_MISSED", message, { hint });
}
