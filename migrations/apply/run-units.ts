import { catalogOn } from "../../databases/postgres/catalog";
import type { PgConfig } from "../../databases/postgres/config";
import { POOL_SIZE } from "../../databases/postgres/pool";
import { runLookedAt, runStatements, type RunOptions, type Session } from "../../databases/postgres/run";
import { CdcError } from "../../lib/errors";
import { recordHistory, type HistoryEntry } from "../../sql/history";
import { differencesOf } from "../compare/inspect";
import { liveUnit } from "../compare/live-unit";
import { nameOf, type UnitWork } from "./unit-work";

/** How units are run. */
export interface RunUnitsOptions {
  /** Longest that a change keeps others waiting for a lock. */
  readonly lockTimeoutMs: number;
  /** How often a unit is tried in all, when others hold its locks. */
  readonly attempts: number;
  /** Called after each unit, in the order in which they end. */
  readonly onDone: (work: UnitWork, error: CdcError | undefined) => void;
  /** False: no further unit is begun. Those under way are finished. */
  readonly mayGoOn: () => boolean;
}

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

async function runUnit(
  config: PgConfig,
  work: UnitWork,
  { lockTimeoutMs, attempts }: RunUnitsOptions,
): Promise<CdcError | undefined> {
  const options: RunOptions = { object: `table ${nameOf(work)}`, checkBodies: false, attempts };
  try {
    // Two locks are waited for one after the other, and whoever waits behind the first waits for both.
    const halved = { ...options, lockTimeoutMs: Math.max(1, Math.floor(lockTimeoutMs / 2)) };
    if (work.looked) await runLookedAt(config, batchOf(work), (session) => lookAt(session, work, config), halved);
    else await runStatements(config, batchOf(work), { ...options, lockTimeoutMs, repeatable: true });
    return undefined;
  } catch (error) {
    if (error instanceof CdcError) return error;
    throw error;
  }
}

/** Compares what the statements made with what the files want. Throws CdcError (CDC_MIGRATION_MISSED), so that nothing stays. */
export async function lookAt(session: Session, work: UnitWork, config: PgConfig): Promise<void> {
  const { wanted } = work.inspected;
  const { schema, table } = wanted.table;
  const names = [table, wanted.staging.staging];
  const catalog = await catalogOn(session, { schema, table: names, routine: wanted.procedure.procedure });
  missed(work, differencesOf(await liveUnit(catalog, wanted, config)));
}

/** Throws CdcError (CDC_MIGRATION_MISSED) when there are differences, columns that somebody added aside. */
export function missed(work: UnitWork, found: ReturnType<typeof differencesOf>): void {
  const left = found.filter(({ kind }) => kind !== "COLUMN_UNEXPECTED");
  if (left.length === 0) return;
  const list = left.map(({ object, summary }) => `${object}: ${summary}`).join("; ");
  const message = `the steps of table ${nameOf(work)} do not lead to what the files want, so nothing was changed: ${list}`;
  const hint =
    "Somebody changed the table by hand. Look with `cdc manage-migrations check`; `apply --repair` alters it as needed.";
  throw new CdcError("CDC_MIGRATION_MISSED", message, { hint });
}
