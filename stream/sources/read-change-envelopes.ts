import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { streamRows } from "../../databases/sqlserver/run";
import type { Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import { lsnBytes } from "../../sql/sqlserver/capture-statements";
import { selectChanges } from "../../sql/sqlserver/change-statements";
import { capturedSources } from "../copy/captured-sources";
import { readCommitTimes, type CommitTimes } from "../copy/commit-times";
import { ChangeEvents, type ChangeEvent } from "../copy/text-changes";
import { sourceError } from "./ask-source";
import type { CaptureInstance } from "./capture-instance";

/** Which changes to read. */
export interface ChangeRange {
  /** Of one customer: its constants filled in. */
  readonly shape: TableShape;
  readonly instance: CaptureInstance;
  readonly after: Lsn;
  readonly upTo: Lsn;
  /** Those of the window, when several tables are read; read when absent. */
  readonly commitTimes?: CommitTimes;
  readonly signal?: AbortSignal;
}

/**
 * The changes of a table with `after` < LSN <= `upTo` as envelopes in the order of the log, batch by batch. An update
 * comes with its image before; large columns that the log left out are absent.
 * @throws CdcError: CDC_SOURCE_NO_INSTANCE, CDC_MSSQL_PERMISSION, CDC_SOURCE_CHANGES_BROKEN, else as `toCdcError`.
 */
export async function* readChangeEnvelopes(
  config: MsSqlConfig,
  range: ChangeRange,
): AsyncGenerator<readonly ChangeEvent[], void> {
  const { shape, instance, after, upTo, signal } = range;
  const object = `change table cdc.${instance.name}_CT`;
  const about = { object, database: config.database, instance: instance.name };
  try {
    const times = range.commitTimes ?? (await readCommitTimes(config, range));
    const sources = capturedSources(shape, instance);
    const events = new ChangeEvents(shape, sources, (lsn) => commitTime(times, lsn as Lsn));
    const columns = sources.map(({ captured }) => captured.name);
    const parameters = [
      { name: "after", type: "varbinary", value: lsnBytes(after) },
      { name: "upto", type: "varbinary", value: lsnBytes(upTo) },
    ] as const;
    const options = { object, parameters, ...(signal === undefined ? {} : { signal }) };
    for await (const { rows } of streamRows(config, selectChanges(instance.name, columns), options)) {
      const batch = rows.flatMap((row) => events.next(row) ?? []);
      if (batch.length > 0) yield batch;
    }
    events.end();
  } catch (error) {
    throw sourceError(error, config, about);
  }
}

function commitTime(times: CommitTimes, lsn: Lsn): string | undefined {
  const ms = times.of(lsn);
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
