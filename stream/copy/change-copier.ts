import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { handOverRows, streamRows, type RunOptions } from "../../databases/sqlserver/run";
import type { Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import { lsnBytes } from "../../sql/sqlserver/capture-statements";
import { selectChanges } from "../../sql/sqlserver/change-statements";
import { sourceError } from "../sources/ask-source";
import type { CaptureInstance } from "../sources/capture-instance";
import { RowEncoder } from "../staging/row-encoder";
import { capturedSources } from "./captured-sources";
import { ChangeTaker } from "./change-taker";
import { readCommitTimes, type CommitTimes } from "./commit-times";
import { CopyOutput } from "./copy-output";
import { TextCopier } from "./text-copier";
import type { WriteChunk } from "./write-chunk";

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
  /** Told why rows come by the driver's own parser, which is several times slower. */
  readonly onPlain?: (reason: string) => void;
  /** True: never our own decoder. */
  readonly plain?: boolean;
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

/** Columns of the COPY, in the order of the values. */
export function stagingColumnsOf(shape: TableShape): readonly string[] {
  return new RowEncoder(shape, "").columns;
}

/**
 * Reads the changes with `after` < LSN <= `upTo` and writes them as COPY text for the table's staging table, in the order
 * of the log. Chunks may have been written before an error is thrown.
 * @throws CarefulNeeded when a row cannot be staged; CdcError `CDC_SOURCE_CHANGES_BROKEN` for an update without one of its
 *   images, `CDC_SOURCE_NO_INSTANCE`, `CDC_MSSQL_PERMISSION`, else as `toCdcError`; what `write` throws.
 */
export async function copyChanges(config: MsSqlConfig, copy: ChangeCopy, write: WriteChunk): Promise<CopiedChanges> {
  const { shape, origin, instance } = copy;
  const sources = capturedSources(shape, instance);
  const times = copy.commitTimes ?? (await readCommitTimes(config, copy));
  const output = new CopyOutput(write);
  const parts = { shape, sources, origin, times, output };
  const names = sources.map(({ captured }) => captured.name);
  const statement = selectChanges(instance.name, names);
  const options = optionsOf(copy);
  const about = { object: `change table cdc.${instance.name}_CT`, database: config.database, instance: instance.name };
  try {
    const fast = new ChangeTaker(parts);
    const reason = await handOverRows(config, statement, fast, options);
    if (reason === undefined) return await finished(fast, output);
    copy.onPlain?.(reason);
    const slow = new TextCopier(parts);
    for await (const { rows } of streamRows(config, statement, { ...options, plain: true })) {
      for (const row of rows) slow.row(row);
      await output.busy();
    }
    return await finished(slow, output);
  } catch (error) {
    throw sourceError(error, config, about);
  }
}

function optionsOf({ instance, after, upTo, signal, plain }: ChangeCopy): RunOptions {
  const parameters = [
    { name: "after", type: "varbinary", value: lsnBytes(after) },
    { name: "upto", type: "varbinary", value: lsnBytes(upTo) },
  ] as const;
  return {
    object: `change table cdc.${instance.name}_CT`,
    parameters,
    ...(plain === true ? { plain } : {}),
    ...(signal === undefined ? {} : { signal }),
  };
}

async function finished(copier: ChangeTaker | TextCopier, output: CopyOutput): Promise<CopiedChanges> {
  copier.end();
  await output.end();
  const { rows, events, transactions, lastLsn } = copier;
  return { rows, events, transactions, lastLsn, bytes: output.bytes };
}
