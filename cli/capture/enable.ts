import { readCaptureState, type CaptureState } from "../../databases/sqlserver/capture-state";
import { queryRows } from "../../databases/sqlserver/run";
import { CdcError } from "../../lib/errors";
import type { CapturedTable } from "../../model/source-capture";
import type { Sql } from "../../sql/sql";
import { enableDatabase, enableTable, scriptIn } from "../../sql/sqlserver/enable-statements";
import { freeInstanceName } from "../../sql/plans/source-table";
import { inParallel } from "./in-parallel";
import type { CaptureTarget } from "./targets";

/** What came of one table. */
export interface EnabledTable {
  readonly table: string;
  /** `lacking`: it is captured, but without some columns. */
  readonly outcome: "enabled" | "to-enable" | "tracked" | "lacking" | "failed";
  readonly instance?: string;
  /** Columns that its capture instances don't have. */
  readonly missing?: readonly string[];
  readonly problem?: string;
}

/** What came of one database. */
export interface EnabledDatabase {
  readonly source: string;
  readonly tenants: readonly string[];
  readonly outcome: "enabled" | "to-enable" | "was-enabled" | "failed";
  readonly tables: readonly EnabledTable[];
  readonly problem?: string;
  /** What was sent, or would be with `--dry-run`. */
  readonly script?: string;
}

/** Turns the capture of all tables on that are not tracked yet; one database's failure leaves the others alone. */
export function enableCapture(targets: readonly CaptureTarget[], dryRun: boolean): Promise<EnabledDatabase[]> {
  return inParallel(targets, async (target) => {
    const { source, tenants } = target;
    try {
      return await enableIn(target, dryRun);
    } catch (error) {
      return { source, tenants, outcome: "failed", tables: [], problem: textOf(error) };
    }
  });
}

async function enableIn(target: CaptureTarget, dryRun: boolean): Promise<EnabledDatabase> {
  const { source, tenants, config, database } = target;
  const state = await readCaptureState(config);
  const sent: Sql[] = [];
  const send = async (statement: Sql, object: string): Promise<void> => {
    sent.push(statement);
    if (!dryRun) await queryRows(config, statement, [], { object });
  };
  if (!state.enabled) await send(enableDatabase(), `database ${database}`);
  const taken = state.instances.map(({ name }) => name);
  const tables: EnabledTable[] = [];
  // One after the other: the server's procedures run into deadlocks with each other.
  for (const table of target.tables) tables.push(await enableOne(table, state, { target, taken, dryRun, send }));
  return {
    source,
    tenants,
    outcome: state.enabled ? "was-enabled" : dryRun ? "to-enable" : "enabled",
    tables,
    ...(sent.length === 0 ? {} : { script: scriptIn(database, sent) }),
  };
}

interface Work {
  readonly target: CaptureTarget;
  /** Names of instances; grows. */
  readonly taken: string[];
  readonly dryRun: boolean;
  readonly send: (statement: Sql, object: string) => Promise<void>;
}

async function enableOne(wanted: CapturedTable, state: CaptureState, work: Work): Promise<EnabledTable> {
  const { schema, table, columns } = wanted;
  const name = `${schema}.${table}`;
  const there = state.instances.filter((instance) => instance.schema === schema && instance.table === table);
  if (there.length > 0) return trackedTable(name, columns, there);
  const instance = freeInstanceName(schema, table, work.taken);
  const { role, filegroup, netChanges } = work.target.settings;
  const settings = { ...(role === undefined ? {} : { role }), ...(filegroup === undefined ? {} : { filegroup }) };
  try {
    await work.send(enableTable({ schema, table, instance, columns, netChanges, ...settings }), `table ${name}`);
  } catch (error) {
    return { table: name, outcome: "failed", problem: textOf(error) };
  }
  work.taken.push(instance);
  return { table: name, outcome: work.dryRun ? "to-enable" : "enabled", instance };
}

function trackedTable(table: string, columns: readonly string[], there: CaptureState["instances"]): EnabledTable {
  const missingIn = there.map((instance) => columns.filter((column) => !instance.columns.includes(column)));
  const place = missingIn.findLastIndex((missing) => missing.length === 0);
  const instance = there.at(place)?.name ?? "";
  const missing = place === -1 ? (missingIn.at(-1) ?? []) : [];
  return missing.length === 0
    ? { table, outcome: "tracked", instance }
    : { table, outcome: "lacking", instance, missing };
}

/** A failure in words, with what to do. */
export function textOf(error: unknown): string {
  if (!(error instanceof CdcError)) throw error;
  return [error.message, error.hint].filter((text) => text !== undefined).join(". ");
}
