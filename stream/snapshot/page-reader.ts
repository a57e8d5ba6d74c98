import type { MsSqlConfig } from "../../databases/sqlserver/config";
import type { Session } from "../../databases/sqlserver/connection";
import { toCdcError } from "../../databases/sqlserver/errors";
import { poolFor } from "../../databases/sqlserver/pool";
import { takeRows, type Taken } from "../../databases/sqlserver/rows/take-rows";
import type { RowTaker } from "../../databases/sqlserver/rows/token-reader";
import { readRows } from "../../databases/sqlserver/rows/read-rows";
import type { ReadOptions } from "../../databases/sqlserver/rows/request-run";
import type { ExactRow } from "../../databases/sqlserver/rows/row-reader";
import { NO_LSN, parseLsn, type Lsn } from "../../model/lsn";
import { MAX_LSN, selectPage, type Page, type PreparedSelect } from "../../sql/sqlserver/snapshot-statements";
import type { SourceTableName } from "./source-key";
import type { SourceKey } from "../../sql/sqlserver/snapshot-statements";

/** What is read of a table, in the order of a key. */
export interface Pages extends SourceTableName {
  /** Present names of the columns; undefined reads NULL. */
  readonly columns: readonly (string | undefined)[];
  readonly key: SourceKey;
  readonly filled?: readonly string[];
}

/** What is read, for errors, and what ends it early. */
export interface ReadAbout {
  /** Such as `table dbo.Actor`. */
  readonly object: string;
  readonly signal?: AbortSignal;
  /** Longest wait for the first rows, such as those of a table that somebody has locked. */
  readonly timeoutMs?: number;
}

/** Key of a row as exact text, by the key's columns. */
export type KeyText = readonly (string | null)[];

/** What came of one page. */
export interface ReadPage {
  readonly rows: number;
  /** Key of the last row; absent when there was none. */
  readonly last?: KeyText;
}

/** Reads one select to its end. */
export type PageRead = (select: PreparedSelect) => Promise<ReadPage>;

/** How much of a table was read. */
export interface ReadChunk extends ReadPage {
  /** True when no row is left after them. */
  readonly isEnd: boolean;
}

/**
 * Reads the rows after a key, at most so many: a page for the rows that share all but the last column of the key, one for
 * those that share all but the last two, and so on.
 */
export async function readChunk(
  pages: Pages,
  after: KeyText | undefined,
  rows: number,
  read: PageRead,
): Promise<ReadChunk> {
  let total = 0;
  let last = after;
  for (let held = after === undefined ? 0 : pages.key.columns.length - 1; held >= 0; held -= 1) {
    const page: Page = { ...pages, held, rows: rows - total, ...(after === undefined ? {} : { after }) };
    const done = await read(selectPage(page));
    total += done.rows;
    last = done.last ?? last;
    if (done.rows === page.rows) return { rows: total, isEnd: false, ...(last === undefined ? {} : { last }) };
  }
  return { rows: total, isEnd: true, ...(last === undefined ? {} : { last }) };
}

/** The rows of a select, batch by batch, on a session that nobody else uses meanwhile. @throws CdcError as `toCdcError`. */
export async function* readSelect(
  session: Session,
  { select, from, parameters }: PreparedSelect,
  about: ReadAbout,
): AsyncGenerator<readonly ExactRow[]> {
  try {
    for await (const { rows } of readRows(session, { select, from }, { ...optionsOf(about), parameters })) yield rows;
  } catch (error) {
    about.signal?.throwIfAborted();
    throw toCdcError(error, session.config, about.object);
  }
}

/** Hands the rows of a select over as bytes; false when they can't be had so. @throws CdcError as `toCdcError`; what the taker throws. */
export async function takeSelect(
  session: Session,
  { select, from, parameters }: PreparedSelect,
  taker: RowTaker,
  about: ReadAbout,
): Promise<boolean> {
  let taken: Taken;
  try {
    taken = await takeRows(session, { select, from }, taker, { ...optionsOf(about), parameters });
  } catch (error) {
    about.signal?.throwIfAborted();
    throw toCdcError(error, session.config, about.object);
  }
  if (taken.refusal !== undefined) throw taken.refusal.error;
  return taken.unknown === undefined;
}

/** The highest LSN that is captured; {@link NO_LSN} before the first. @throws CdcError as `toCdcError`. */
export async function readMaxLsn(session: Session, about: ReadAbout): Promise<Lsn> {
  let max: string | null | undefined;
  try {
    for await (const { rows } of readRows(session, MAX_LSN, optionsOf(about))) max ??= rows[0]?.[0];
  } catch (error) {
    about.signal?.throwIfAborted();
    throw toCdcError(error, session.config, about.object);
  }
  return parseLsn(max ?? "") ?? NO_LSN;
}

/** Lends a session to work whose statements must all meet the same server. @throws CdcError as `toCdcError`. */
export async function withSession<T>(
  config: MsSqlConfig,
  about: ReadAbout,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const pool = poolFor(config);
  const session = await pool.acquire().catch((error: unknown) => {
    throw toCdcError(error, config, about.object);
  });
  try {
    return await work(session);
  } finally {
    pool.release(session);
  }
}

function optionsOf({ signal, timeoutMs }: ReadAbout): ReadOptions {
  return { ...(signal === undefined ? {} : { signal }), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}
