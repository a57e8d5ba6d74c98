import type { Client, ClientBase, PoolClient, QueryResult } from "pg";
import { backoffMs, sleep } from "../../lib/retry";
import type { PgConfig } from "./config";
import { errorCode, toCdcError } from "./errors";
import { poolFor } from "./pool";

/** Settings of one batch. */
export interface RunOptions {
  /** What is at work, for messages, such as `table cust01.Actor`. */
  readonly object?: string;
  /** Longest wait for a lock, per attempt, so that a blocked ALTER never queues others for long. Default 3,000. */
  readonly lockTimeoutMs?: number;
  /** Longest run of one statement; 0 (the default) is no limit. */
  readonly statementTimeoutMs?: number;
  /** False: routines are taken without parsing their bodies, a quarter of the server's work for a merge procedure. Default true. */
  readonly checkBodies?: boolean;
  /** Attempts in all; default 8. */
  readonly attempts?: number;
  /** Asked before each further attempt; false gives up with the last error. */
  readonly mayGoOn?: () => boolean;
  /** True when the batch may be sent again although it may have been committed (the connection broke). */
  readonly repeatable?: boolean;
}

/** A connection in the middle of a transaction. */
export type Session = ClientBase;

/** One row of a result. */
export type Row = Record<string, unknown>;

/** Statements sent by this process, by kind: the tests prove with it that a second `up` sends no DDL. */
export const counters = { batches: 0, statements: 0, catalogReads: 0, catalogQueries: 0 };

const LOCK_TIMEOUT_MS = 3_000;
const ATTEMPTS = 8;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 3_000;
const NOT_SENT = new Set(["ECONNREFUSED", "57P03", "53300"]);
const CUT_OFF = new Set(["ECONNRESET", "EPIPE", "57P01", "57P02", "08006", "08003", "08000"]);
const ROLLED_BACK = new Set(["40001", "40P01", "55P03"]);

/**
 * Runs the statements in one round trip and one transaction (simple protocol): all or nothing.
 * Deadlocks, lock timeouts, serialisation failures and races between concurrent DDL are tried again
 * after a growing, jittered pause. Returns one result per statement.
 * @throws CdcError naming the server, the object and the remedy.
 */
export async function runStatements(
  config: PgConfig,
  statements: readonly string[],
  options: RunOptions = {},
): Promise<readonly QueryResult<Row>[]> {
  if (statements.length === 0) return [];
  const text = batchText(statements, options);
  counters.statements += statements.length;
  const results = await retrying(config, options, (client) => client.query<Row>(text));
  // node-postgres answers a batch with an array; the leading SET LOCALs are not the caller's.
  const all = (Array.isArray(results) ? results : [results]) as QueryResult<Row>[];
  return all.slice(-statements.length);
}

/**
 * The same, but looks at what came of the statements before they are committed: when `look` throws, nothing has
 * happened. Several round trips, so for changes of tables that are in use.
 */
export async function runLookedAt(
  config: PgConfig,
  statements: readonly string[],
  look: (session: Session) => Promise<void>,
  options: RunOptions = {},
): Promise<void> {
  const text = batchText(statements, options);
  counters.statements += statements.length;
  await retrying(config, options, async (client) => {
    try {
      await client.query("BEGIN");
      await client.query(text);
      await look(client);
      await client.query("COMMIT");
    } catch (error) {
      await rollback(client);
      throw error;
    }
  });
}

/** One parameterised query; rows only. */
export async function queryRows<R extends Row = Row>(
  config: PgConfig,
  text: string,
  params: readonly unknown[] = [],
  options: RunOptions = {},
): Promise<readonly R[]> {
  const run = (client: PoolClient): Promise<QueryResult<R>> => client.query<R>(text, [...params]);
  return (await retrying(config, { repeatable: true, ...options }, run)).rows;
}

/** Runs `work` on one pooled connection inside BEGIN/COMMIT; rolls back when it throws. Not retried. */
export async function inTransaction<T>(
  config: PgConfig,
  work: (client: PoolClient) => Promise<T>,
  object?: string,
): Promise<T> {
  const client = await connect(config, object);
  try {
    await client.query("BEGIN");
    const value = await work(client);
    await client.query("COMMIT");
    client.release();
    return value;
  } catch (error) {
    const broken = await rollback(client);
    client.release(broken);
    throw toCdcError(error, config, object);
  }
}

async function connect(config: PgConfig, object?: string): Promise<PoolClient> {
  try {
    return await poolFor(config).connect();
  } catch (error) {
    throw toCdcError(error, config, object);
  }
}

async function rollback(client: Client | PoolClient): Promise<boolean> {
  try {
    await client.query("ROLLBACK");
    return false;
  } catch {
    return true;
  }
}

async function retrying<T>(
  config: PgConfig,
  options: RunOptions,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const attempts = options.attempts ?? ATTEMPTS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      counters.batches += 1;
      return await onPooled(config, work);
    } catch (error) {
      const failed = () => toCdcError(error, config, options.object);
      if (attempt >= attempts || !mayRepeat(error, options)) throw failed();
      await sleep(backoffMs(attempt, FIRST_WAIT_MS, LONGEST_WAIT_MS));
      if (options.mayGoOn?.() === false) throw failed();
    }
  }
}

async function onPooled<T>(config: PgConfig, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await poolFor(config).connect();
  try {
    const value = await work(client);
    client.release();
    return value;
  } catch (error) {
    // A server error leaves the connection usable, a socket error does not.
    client.release(!/^[0-9A-Z]{5}$/.test(errorCode(error) ?? "") || CUT_OFF.has(errorCode(error) ?? ""));
    throw error;
  }
}

function mayRepeat(error: unknown, options: RunOptions): boolean {
  const code = errorCode(error) ?? "";
  if (ROLLED_BACK.has(code) || NOT_SENT.has(code) || isCatalogRace(error, code)) return true;
  const cutOff = CUT_OFF.has(code) || /connection terminated|connection ended/i.test(messageOf(error));
  return cutOff && options.repeatable === true;
}

// CREATE … IF NOT EXISTS, CREATE OR REPLACE and GRANT race with each other inside the server's own catalogue.
function isCatalogRace(error: unknown, code: string): boolean {
  if (code === "XX000") return /tuple concurrently (updated|deleted)|cache lookup failed/i.test(messageOf(error));
  const constraint = (error as { constraint?: string }).constraint ?? "";
  return code === "23505" && constraint.startsWith("pg_");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// SET LOCAL ends with the batch, since a batch of several statements is one transaction.
function batchText(statements: readonly string[], options: RunOptions): string {
  const lock = options.lockTimeoutMs ?? LOCK_TIMEOUT_MS;
  const statement = options.statementTimeoutMs ?? 0;
  // Texts become instants, and the other way round, the same way on every server.
  const settings = [`SET LOCAL lock_timeout = ${String(lock)}`, "SET LOCAL TimeZone = 'UTC'"];
  if (options.checkBodies === false) settings.push("SET LOCAL check_function_bodies = off");
  if (statement > 0) settings.push(`SET LOCAL statement_timeout = ${String(statement)}`);
  // The semicolon stands on its own line because a statement may end with a comment.
  return [...settings, ...statements.map(withoutSemicolon)].join("\n;\n");
}

function withoutSemicolon(statement: string): string {
  let end = statement.length;
  while (end > 0 && " \t\r\n;".includes(statement.charAt(end - 1))) end -= 1;
  return statement.slice(0, end);
}
