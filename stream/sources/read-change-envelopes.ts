import type { MsSqlConfig } from "../../databases/sqlserver/config";
import type { Parameter } from "../../databases/sqlserver/parameters";
import type { ExactRow } from "../../databases/sqlserver/rows/row-reader";
import { streamRows } from "../../databases/sqlserver/run";
import type { Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import { changesPage } from "../../sql/sqlserver/change-pages";
import { CHANGE_COLUMN, selectChanges, type ChangeSelect } from "../../sql/sqlserver/change-statements";
import { capturedSources } from "../copy/captured-sources";
import { readCommitTimes, type CommitTimes } from "../copy/commit-times";
import { ChangeEvents, type ChangeEvent } from "../copy/text-changes";
import { sourceError, type About } from "./ask-source";
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

/** Rows of a page, which are in memory at once. */
const PAGE_ROWS = 2_000;

/**
 * The changes of a table with `after` < LSN <= `upTo` as envelopes in the order of the log, batch by batch. An update
 * comes with its image before; large columns that the log left out are absent. Has a connection until its end.
 * @throws CdcError: CDC_SOURCE_NO_INSTANCE, CDC_MSSQL_PERMISSION, CDC_SOURCE_CHANGES_BROKEN, else as `toCdcError`.
 */
export async function* readChangeEnvelopes(
  config: MsSqlConfig,
  range: ChangeRange,
): AsyncGenerator<readonly ChangeEvent[], void> {
  const reading = new RangeReading(config, range);
  yield* reading.rows(selectChanges(range.instance.name, await reading.begin()), []);
  reading.end();
}

/**
 * The same page by page, without a connection in between: as many tables as one likes can be read side by side, for
 * {@link ./merge-ordered.mergeOrdered}.
 */
export async function* readChangePages(
  config: MsSqlConfig,
  range: ChangeRange,
  pageRows = PAGE_ROWS,
): AsyncGenerator<readonly ChangeEvent[], void> {
  const reading = new RangeReading(config, range);
  const columns = await reading.begin();
  const limit = { name: "rows", type: "int", value: pageRows } as const;
  const later = changesPage(range.instance.name, columns, "later");
  const within = changesPage(range.instance.name, columns, "within");
  for (let isWithin = false; ;) {
    const before = reading.rowsRead;
    const page: ChangeEvent[] = [];
    // Nothing is given out while the statement has a connection, for which the other tables may wait.
    for await (const batch of reading.rows(isWithin ? within : later, [limit, ...reading.place(isWithin)]))
      page.push(...batch);
    if (page.length > 0) yield page;
    const isFull = reading.rowsRead - before === pageRows;
    // A page may end within a transaction, whose other rows come before those of later ones.
    if (!isFull && !isWithin) break;
    isWithin = isFull;
  }
  reading.end();
}

/** The reading of one range, in one statement or several. */
class RangeReading {
  rowsRead = 0;
  private readonly about: About;
  private events: ChangeEvents | undefined;
  private last: ExactRow | undefined;

  constructor(
    private readonly config: MsSqlConfig,
    private readonly range: ChangeRange,
  ) {
    const { name } = range.instance;
    this.about = { object: `change table cdc.${name}_CT`, database: config.database, instance: name };
  }

  /** Names of the columns to be read. */
  async begin(): Promise<readonly string[]> {
    const { shape, instance, commitTimes } = this.range;
    const sources = capturedSources(shape, instance);
    const times = commitTimes ?? (await this.commitTimes());
    this.events = new ChangeEvents(shape, sources, (lsn) => commitTime(times, lsn as Lsn));
    return sources.map(({ captured }) => captured.name);
  }

  async *rows(select: ChangeSelect, more: readonly Parameter[]): AsyncGenerator<readonly ChangeEvent[], void> {
    const { after, upTo, signal } = this.range;
    const bounds = [lsnParameter("upto", upTo), ...(more.length === 0 ? [lsnParameter("after", after)] : more)];
    const options = { object: this.about.object, parameters: bounds, ...(signal === undefined ? {} : { signal }) };
    try {
      for await (const { rows } of streamRows(this.config, select, options)) {
        const batch = rows.flatMap((row) => this.events?.next(row) ?? []);
        this.rowsRead += rows.length;
        this.last = rows.at(-1) ?? this.last;
        if (batch.length > 0) yield batch;
      }
    } catch (error) {
      throw sourceError(error, this.config, this.about);
    }
  }

  /** Place of the last row, behind which to go on. */
  place(isWithin: boolean): readonly Parameter[] {
    const { last } = this;
    const lsn = last === undefined ? this.range.after : bytesText(last, "lsn");
    if (!isWithin || last === undefined) return [lsnParameter("after", lsn)];
    return [
      lsnParameter("after", lsn),
      { name: "command", type: "int", value: Number(last[CHANGE_COLUMN.commandId]) },
      lsnParameter("seqval", bytesText(last, "seqval")),
      { name: "operation", type: "int", value: Number(last[CHANGE_COLUMN.operation]) },
    ];
  }

  /** @throws CdcError when an update lacks its image after. */
  end(): void {
    this.events?.end();
  }

  private async commitTimes(): Promise<CommitTimes> {
    try {
      return await readCommitTimes(this.config, this.range);
    } catch (error) {
      throw sourceError(error, this.config, { object: "cdc.lsn_time_mapping", database: this.config.database });
    }
  }
}

function bytesText(row: ExactRow, column: "lsn" | "seqval"): string {
  return (row[CHANGE_COLUMN[column]] ?? "").slice("0x".length);
}

function lsnParameter(name: string, lsn: string): Parameter {
  return { name, type: "varbinary", value: Buffer.from(lsn, "hex") };
}

function commitTime(times: CommitTimes, lsn: Lsn): string | undefined {
  const ms = times.of(lsn);
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
