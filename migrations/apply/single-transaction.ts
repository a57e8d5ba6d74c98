import { catalogOn } from "../../databases/postgres/catalog";
import type { PgConfig } from "../../databases/postgres/config";
import { readLockRoom } from "../../databases/postgres/migration-history";
import { runLookedAt } from "../../databases/postgres/run";
import { CdcError } from "../../lib/errors";
import { recordHistory, type HistoryEntry } from "../../sql/history";
import { differencesOf } from "../compare/inspect";
import { liveUnit, type Difference } from "../compare/live-unit";
import { missed } from "./run-units";
import { tellObjects, type InfrastructureWork } from "./infrastructure";
import type { UnitWork } from "./unit-work";

/** Locks that making one table takes: two tables, their TOAST tables and indexes, the key, an index, a procedure. Counted. */
const LOCKS_PER_UNIT = 10;
/** The management schema, schemas, roles. Counted: 131 on an empty database. */
const LOCKS_BESIDES = 150;

/**
 * Refuses when the server can't hold the locks of one transaction with all this work.
 * Throws CdcError (CDC_TOO_MANY_LOCKS) naming the setting's value that is needed.
 */
export async function requireLockRoom(config: PgConfig, units: number, managementToo: boolean): Promise<void> {
  const { maxLocksPerTransaction, slots } = await readLockRoom(config);
  const needed = units * LOCKS_PER_UNIT + (managementToo ? LOCKS_BESIDES : 0);
  if (needed <= maxLocksPerTransaction * slots) return;
  const wanted = Math.ceil(needed / slots);
  const message =
    `one transaction for ${String(units)} tables takes about ${String(needed)} locks, and the server has room for ` +
    `${String(maxLocksPerTransaction * slots)}: max_locks_per_transaction is ${String(maxLocksPerTransaction)}, ` +
    `${String(wanted)} is needed; nothing was changed`;
  const hint = `Set max_locks_per_transaction = ${String(wanted)} and restart the server, or leave --single-transaction out.`;
  throw new CdcError("CDC_TOO_MANY_LOCKS", message, { hint });
}

/**
 * Does everything or nothing: one transaction, its result compared with the files before it is committed. Returns the
 * columns that the files don't have.
 */
export async function runAtOnce(
  config: PgConfig,
  infrastructure: InfrastructureWork,
  works: readonly UnitWork[],
  adopted: readonly HistoryEntry[],
  lockTimeoutMs: number,
): Promise<ReadonlyMap<UnitWork, readonly Difference[]>> {
  const history = [...infrastructure.history, ...works.flatMap((work) => work.history), ...adopted];
  const statements = [
    ...infrastructure.statements,
    ...works.flatMap((work) => work.statements()),
    ...(history.length === 0 ? [] : [recordHistory(history)]),
  ];
  const extra = new Map<UnitWork, readonly Difference[]>();
  const looked = works.filter((work) => work.looked);
  const options = {
    object: "the migrations",
    checkBodies: false,
    lockTimeoutMs: Math.max(1, Math.floor(lockTimeoutMs / 2)),
  };
  await runLookedAt(
    config,
    statements,
    async (session) => {
      await tellObjects(session, infrastructure);
      if (looked.length === 0) return;
      const catalog = await catalogOn(session);
      for (const work of looked)
        extra.set(work, missed(work, differencesOf(await liveUnit(catalog, work.inspected.wanted, config))));
    },
    options,
  );
  return extra;
}
