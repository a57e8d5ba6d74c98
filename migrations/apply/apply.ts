import { acquireLock, DEPLOY_LOCK, type HeldLock } from "../../databases/postgres/advisory-lock";
import type { PgConfig } from "../../databases/postgres/config";
import { runStatements } from "../../databases/postgres/run";
import { CdcError } from "../../lib/errors";
import { recordHistory } from "../../sql/history";
import { NAME_TAKEN, type Difference } from "../compare/live-unit";
import type { MigrationFolder } from "../folder";
import { requireIntact } from "./intact";
import { runInfrastructure } from "./infrastructure";
import { planApply, type ApplyPlan, type PlanOptions } from "./plan";
import { reportOf, type ApplyReport, type Outcome } from "./report";
import { runUnits } from "./run-units";
import { requireLockRoom, runAtOnce } from "./single-transaction";
import { nameOf } from "./unit-work";

/** How files are applied. */
export interface ApplyOptions extends PlanOptions {
  /** Longest that a statement waits for a lock, and so keeps others waiting. Default 3,000. */
  readonly lockTimeoutMs?: number;
  /** How often a table is tried while others hold its locks, each time a little later. Default 20: about a minute and a half. */
  readonly attempts?: number;
  /** Longest wait for another deployment of the same database. Default 600,000. */
  readonly waitMs?: number;
  /** Everything or nothing. */
  readonly singleTransaction?: boolean;
  /** Called when another deployment has to be waited for. */
  readonly onWait?: (holder: string) => void;
  /** Called with the number of tables that something has to be sent for. */
  readonly onStart?: (tables: number) => void;
  /** Called after each of them. */
  readonly onDone?: (name: string) => void;
  /** When aborted, no further table is begun; those under way are finished. */
  readonly signal?: AbortSignal;
}

const LOCK_TIMEOUT_MS = 3_000;
const WAIT_MS = 600_000;
const ATTEMPTS = 20;

/**
 * Brings a sink's database in one environment to what the files want, by what the live catalogue says of it. Tables go
 * on four connections, each with its rows of the history in one transaction; a table that fails keeps no other from
 * being done. One process at a time: others wait.
 * Throws CdcError for what stops everything, such as an edited file (CDC_MIGRATION_EDITED).
 */
export async function applyFolder(
  folder: MigrationFolder,
  environment: string,
  config: PgConfig,
  options: ApplyOptions = {},
): Promise<ApplyReport> {
  const started = Date.now();
  requireIntact(folder, options.force === true);
  const named = { ...config, applicationName: "pulumi-cdc apply" };
  const { onWait, waitMs = WAIT_MS } = options;
  const lock = await acquireLock(named, DEPLOY_LOCK, { timeoutMs: waitMs, ...(onWait && { onWait }) });
  try {
    const plan = await planApply(folder, environment, named, options);
    const outcomes = await runPlan(plan, named, lock, options);
    return reportOf(folder, environment, named, plan, outcomes, Date.now() - started);
  } finally {
    await lock.release();
  }
}

/** Does the plan. Throws what stops everything. */
async function runPlan(plan: ApplyPlan, config: PgConfig, lock: HeldLock, options: ApplyOptions): Promise<Outcome> {
  const { infrastructure, works, adopted } = plan;
  const lockTimeoutMs = options.lockTimeoutMs ?? LOCK_TIMEOUT_MS;
  options.onStart?.(works.length);
  if (options.singleTransaction === true) {
    requireNamesFree(plan);
    await requireLockRoom(config, works.length, infrastructure.statements.length > 0);
    const extra = await runAtOnce(config, infrastructure, works, adopted, lockTimeoutMs);
    return { done: new Set(works), errors: new Map(), extra };
  }
  await runInfrastructure(config, infrastructure, lockTimeoutMs);
  if (adopted.length > 0) {
    await runStatements(config, [recordHistory(adopted)], { object: "the migration history", repeatable: true });
  }
  const outcome = await eachUnit(plan, config, lock, { ...options, lockTimeoutMs });
  if (!lock.held) throw lockLost(config);
  return outcome;
}

async function eachUnit(
  { works }: ApplyPlan,
  config: PgConfig,
  lock: HeldLock,
  { lockTimeoutMs, attempts = ATTEMPTS, signal, onDone }: ApplyOptions & { readonly lockTimeoutMs: number },
): Promise<Outcome> {
  const done = new Set<(typeof works)[number]>();
  const errors = new Map<(typeof works)[number], CdcError>();
  const extra = new Map<(typeof works)[number], readonly Difference[]>();
  await runUnits(config, works, {
    lockTimeoutMs,
    attempts,
    mayGoOn: () => lock.held && signal?.aborted !== true,
    onDone: (work, result) => {
      if (result.error === undefined) done.add(work);
      else errors.set(work, result.error);
      if (result.extra !== undefined) extra.set(work, result.extra);
      onDone?.(nameOf(work));
    },
  });
  return { done, errors, extra };
}

/** Where all or nothing is wanted, a table that can't be made stops all. Throws CdcError (CDC_NAME_TAKEN). */
function requireNamesFree({ others }: ApplyPlan): void {
  const taken = others.flatMap(({ problems }) => problems).filter(({ kind }) => kind === NAME_TAKEN);
  if (taken.length === 0) return;
  const list = taken.map(({ object, summary }) => `${object}: ${summary}`).join("; ");
  const hint = "Then run again, or leave --single-transaction out.";
  throw new CdcError("CDC_NAME_TAKEN", `${list}; nothing was changed`, { hint });
}

function lockLost({ host, port, database }: PgConfig): CdcError {
  const server = `${host}:${String(port)}/${database}`;
  const message = `the connection that held the deployment lock of ${server} broke, so no further table was begun`;
  return new CdcError("CDC_PG_DEPLOY_LOCK_LOST", message, { hint: "Run again: what was done is recorded and kept." });
}
