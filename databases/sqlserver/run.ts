import { backoffMs, sleep } from "../../lib/retry";
import type { MsSqlConfig } from "./config";
import type { Session } from "./connection";
import { failureKind, toCdcError } from "./errors";
import type { Parameter } from "./parameters";
import { poolFor } from "./pool";
import { readRows, type Select } from "./rows/read-rows";
import type { ReadOptions } from "./rows/request-run";
import type { RowBatch } from "./rows/result-column";
import { takeRows } from "./rows/take-rows";
import type { RowTaker } from "./rows/token-reader";

/** Settings of one statement. */
export interface RunOptions extends ReadOptions {
  /** What is at work, for messages, such as `table dbo.Actor`. */
  readonly object?: string;
  /** Attempts in all; default 6. One for a statement that must not run twice. */
  readonly attempts?: number;
}

/** A row by column name; every value is exact text as docs/envelopes.md has it, null is NULL. */
export type TextRow = Readonly<Record<string, string | null>>;

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 3_000;

/**
 * The rows of a statement that may be repeated, such as a read. Deadlocks, lost connections and the like are tried again
 * after a growing, jittered pause.
 * @throws CdcError naming the server, the object and the remedy; the signal's reason when it is aborted.
 */
export async function queryRows(
  config: MsSqlConfig,
  text: string,
  parameters: readonly Parameter[] = [],
  options: Omit<RunOptions, "parameters"> = {},
): Promise<readonly TextRow[]> {
  const attempts = options.attempts ?? ATTEMPTS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const rows: TextRow[] = [];
      for await (const batch of streamRows(config, text, { ...options, parameters })) rows.push(...recordsOf(batch));
      return rows;
    } catch (error) {
      if (attempt >= attempts || failureKind(error) !== "retry") throw error;
      await sleep(backoffMs(attempt, FIRST_WAIT_MS, LONGEST_WAIT_MS), options.signal);
    }
  }
}

/**
 * The rows of one statement as they come, on a connection of the pool, never repeated: rows may have been given out.
 * Leaving the loop cancels the statement.
 * @throws CdcError naming the server, the object and the remedy; the signal's reason when it is aborted.
 */
export async function* streamRows(
  config: MsSqlConfig,
  statement: string | Select,
  options: RunOptions = {},
): AsyncGenerator<RowBatch, void> {
  const pool = poolFor(config);
  let session: Session | undefined;
  try {
    session = await pool.acquire();
    yield* readRows(session, statement, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw toCdcError(error, config, options.object);
  } finally {
    if (session !== undefined) pool.release(session);
  }
}

/**
 * Hands the rows of one statement to the taker as bytes, on a connection of the pool, never repeated. What the taker
 * throws cancels the statement and is thrown here as it is.
 * @returns Why the rows can't be had as bytes; nothing was taken then, and {@link streamRows} is the way.
 * @throws CdcError naming the server, the object and the remedy; the signal's reason when it is aborted.
 */
export async function handOverRows(
  config: MsSqlConfig,
  statement: Select,
  taker: RowTaker,
  options: RunOptions = {},
): Promise<string | undefined> {
  const pool = poolFor(config);
  let session: Session | undefined;
  let taken: Awaited<ReturnType<typeof takeRows>>;
  try {
    session = await pool.acquire();
    taken = await takeRows(session, statement, taker, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw toCdcError(error, config, options.object);
  } finally {
    if (session !== undefined) pool.release(session);
  }
  if (taken.refusal !== undefined) throw taken.refusal.error;
  return taken.unknown;
}

function recordsOf({ columns, rows }: RowBatch): TextRow[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])));
}
