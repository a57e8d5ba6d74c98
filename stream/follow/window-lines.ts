import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { previousLsn, type Lsn } from "../../model/lsn";
import { readTransactions } from "../json/transactions";
import type { CaptureReader } from "../sources/capture-reader";
import { findGap, type Guarded } from "../sources/require-complete";
import { mergeLines, type Piece } from "./merge-lines";
import { TablePages, type LineRange } from "./table-pages";

/** A range of whole transactions that is read as lines. */
export interface LineWindow {
  readonly after: Lsn;
  readonly end: Lsn;
  readonly reads: readonly LineRange[];
  /** Instances that must be complete behind an LSN, also those without changes in the window. */
  readonly guarded: readonly Guarded[];
}

/** A piece of a window. */
export interface WindowPiece extends Piece {
  /** Commit time of the transaction up to which nothing is missing. */
  readonly time: Date | undefined;
}

/** What windows are read with. */
export interface WindowReading {
  readonly config: MsSqlConfig;
  readonly reader: Pick<CaptureReader, "startLsns">;
  readonly signal: AbortSignal;
  readonly pageRows: number;
  readonly onPlain: (reason: string) => void;
  readonly plain?: boolean;
}

/** Bytes of pages that all tables of a window may have in memory, two pages each. */
const ALL_PAGES_BYTES = 32 * 1024 * 1024;
const [FEWEST_BYTES, MOST_BYTES] = [64 * 1024, 8 * 1024 * 1024] as const;

/**
 * The changes of a window as lines, in the order of the log over all tables.
 * @throws CdcError `CDC_SOURCE_GAP` before anything is given out that may lack its neighbours; else as reading tells.
 */
export async function* windowLines(source: WindowReading, window: LineWindow): AsyncGenerator<WindowPiece, void> {
  const { config, reader, pageRows, onPlain, plain } = source;
  const { after, end: upTo, reads } = window;
  const abortion = new AbortController();
  const signal = AbortSignal.any([source.signal, abortion.signal]);
  const how = { signal, ...(plain === undefined ? {} : { plain }) };
  const transactions = await readTransactions(config, { after, upTo, ...how });
  const bytes = Math.max(FEWEST_BYTES, Math.min(MOST_BYTES, ALL_PAGES_BYTES / (2 * reads.length)));
  const unchecked: Guarded[] = [...window.guarded];
  const inputs = reads.map((range) => {
    const pages = new TablePages(config, range, { ...how, transactions, rows: pageRows, bytes, onPlain });
    const next = async () => {
      const read = await pages.next();
      if (read === undefined) return undefined;
      const { after: place, within } = read;
      unchecked.push({ instance: range.instance, after: within ? previousLsn(place) : place });
      return read.page;
    };
    return { next, emitted: range.emitted };
  });
  const check = async (): Promise<void> => {
    const gap = await findGap(reader, unchecked.splice(0), upTo);
    if (gap !== undefined) throw gap.error;
  };
  try {
    for await (const piece of mergeLines(inputs, check))
      yield { ...piece, time: transactions.timeOf(piece.completeTo) };
  } finally {
    // What was read ahead isn't wanted any more.
    abortion.abort(new Error("the window was given up"));
  }
}
