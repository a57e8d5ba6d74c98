import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { streamRows } from "../../databases/sqlserver/run";
import type { Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import { lsnBytes } from "../../sql/sqlserver/capture-statements";
import { CHANGE_COLUMN, selectChanges } from "../../sql/sqlserver/change-statements";
import { Rejection } from "../rejection";
import type { CaptureInstance } from "../sources/capture-instance";
import { RowEncoder } from "../staging/row-encoder";
import { capturedSources } from "./captured-sources";
import { CarefulNeeded } from "./careful-needed";
import { readCommitTimes, type CommitTimes } from "./commit-times";
import { ChangeEvents } from "./text-changes";

const CHUNK_CHARACTERS = 128 * 1024;

/** Which changes to copy. */
export interface ChangeCopy {
  /** Of one customer: its constants filled in. */
  readonly shape: TableShape;
  /** Written into `__source` of every row: the pipeline's name. */
  readonly origin: string;
  readonly instance: CaptureInstance;
  readonly after: Lsn;
  readonly upTo: Lsn;
  /** Those of the window; read when absent. */
  readonly commitTimes?: CommitTimes;
  readonly signal?: AbortSignal;
}

/** What was copied. */
export interface CopiedChanges {
  /** Staged lines: two for an update that changes the key. */
  readonly rows: number;
  readonly events: number;
  readonly bytes: number;
  readonly lastLsn: Lsn | undefined;
  readonly transactions: number;
}

/** Takes a chunk of COPY text, which it may keep; what it promises is when it takes more. */
export type WriteChunk = (chunk: Buffer) => Promise<void> | undefined;

/** Columns of the COPY, in the order of the values. */
export function stagingColumnsOf(shape: TableShape): readonly string[] {
  return new RowEncoder(shape, "").columns;
}

/**
 * Reads the changes with `after` < LSN <= `upTo` and writes them as COPY text for the table's staging table, in the order
 * of the log.
 * @throws CarefulNeeded when a row cannot be staged; CdcError `CDC_SOURCE_CHANGES_BROKEN` for an update without one of its
 *   images; else as `toCdcError`.
 */
export async function copyChanges(config: MsSqlConfig, copy: ChangeCopy, write: WriteChunk): Promise<CopiedChanges> {
  const { shape, origin, instance, after, upTo, signal } = copy;
  const sources = capturedSources(shape, instance);
  const times = copy.commitTimes ?? (await readCommitTimes(config, copy));
  const events = new ChangeEvents(shape, sources, (lsn) => {
    const ms = times.of(lsn as Lsn);
    return ms === undefined ? undefined : new Date(ms).toISOString();
  });
  const encoder = new RowEncoder(shape, origin);
  const statement = selectChanges(
    instance.name,
    sources.map(({ captured }) => captured.name),
  );
  const parameters = [
    { name: "after", type: "varbinary", value: lsnBytes(after) },
    { name: "upto", type: "varbinary", value: lsnBytes(upTo) },
  ] as const;
  const options = {
    object: `change table cdc.${instance.name}_CT`,
    parameters,
    ...(signal === undefined ? {} : { signal }),
  };
  const counts = { rows: 0, events: 0, bytes: 0, lastLsn: undefined as Lsn | undefined, transactions: 0 };
  let open = "";
  const flush = async (): Promise<void> => {
    const chunk = Buffer.from(open);
    open = "";
    counts.bytes += chunk.length;
    await write(chunk);
  };
  for await (const { rows } of streamRows(config, statement, options)) {
    for (const row of rows) {
      const lsn = (row[CHANGE_COLUMN.lsn] ?? "").slice(2) as Lsn;
      if (lsn !== counts.lastLsn) counts.transactions += 1;
      counts.lastLsn = lsn;
      const event = events.next(row);
      if (event === undefined) continue;
      const lines = encoder.encode(event.envelope, event.position);
      if (lines instanceof Rejection) throw new CarefulNeeded(lines.reason);
      counts.events += 1;
      counts.rows += lines.includes("\n") ? 2 : 1;
      open += `${lines}\n`;
    }
    if (open.length >= CHUNK_CHARACTERS) await flush();
  }
  events.end();
  if (open !== "") await flush();
  return counts;
}
