import type { Session } from "../connection";
import { flagRequest } from "./hook";
import { sqlOf, type Select } from "./read-rows";
import { RequestRun, type ReadOptions } from "./request-run";
import { unknownText, type ResultColumn } from "./result-column";
import { RowFormatError } from "./row-format-error";
import type { RowTaker } from "./token-reader";

/** How rows were taken. */
export interface Taken {
  /** Why they can't be had as bytes; nothing was taken then, and `readRows` is the way. */
  readonly unknown?: string;
  /** What the taker threw; the statement was cancelled then. */
  readonly refusal?: { readonly error: unknown };
}

/** Hands the rows of a statement over as bytes; the server waits while the taker is busy. Errors are those of the driver. */
export async function takeRows(
  session: Session,
  statement: Select,
  taker: RowTaker,
  options: ReadOptions = {},
): Promise<Taken> {
  const reason = options.plain === true ? "asked for" : session.hookFault;
  if (reason !== undefined) return { unknown: reason };
  let unknown: ResultColumn | undefined;
  let refusal: Taken["refusal"];
  const run = new RequestRun(session, sqlOf(statement), options);
  const cancelled = new Promise<void>((resolve) => {
    run.request.once("cancel", resolve);
  });
  const refuse = (error: unknown): void => {
    if (error instanceof RowFormatError) throw error;
    refusal ??= { error };
    run.request.cancel();
  };
  flagRequest(run.request, {
    batch: () => undefined,
    taker: guarded(taker, cancelled, refuse),
    unknownColumn: (column) => {
      unknown ??= column;
      run.request.cancel();
    },
    failed: (error) => {
      run.fail(error);
    },
    isCancelled: () => run.isCancelled,
  });
  try {
    await run.finished();
  } catch (error) {
    if (refusal === undefined && unknown === undefined) throw error;
  }
  if (refusal !== undefined) return { refusal };
  return unknown === undefined ? {} : { unknown: unknownText(unknown) };
}

// A taker that was refused once hears nothing more: rows of the packet at hand may still come.
function guarded(taker: RowTaker, cancelled: Promise<void>, refuse: (error: unknown) => void): RowTaker {
  let isRefused = false;
  const guard = (act: () => void): void => {
    if (isRefused) return;
    try {
      act();
    } catch (error) {
      isRefused = true;
      refuse(error);
    }
  };
  return {
    begin: (columns) => {
      guard(() => {
        taker.begin(columns);
      });
    },
    row: (row) => {
      if (isRefused) return;
      try {
        taker.row(row);
      } catch (error) {
        isRefused = true;
        refuse(error);
      }
    },
    busy: () => {
      const busy = isRefused ? undefined : taker.busy();
      // A cancelled answer must be read to its end, whatever becomes of the rows before.
      return busy === undefined ? undefined : Promise.race([busy.catch(refuse), cancelled]);
    },
  };
}
