import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { RowFormatError } from "../../databases/sqlserver/rows/row-format-error";
import type { RowTaker } from "../../databases/sqlserver/rows/token-reader";
import { handOverRows, streamRows } from "../../databases/sqlserver/run";
import type { Lsn } from "../../model/lsn";
import { lsnBytes } from "../../sql/sqlserver/capture-statements";
import { COMMIT_TIMES } from "../../sql/sqlserver/change-statements";

const LSN_BYTES = 10;
const DATETIME_BYTES = 8;
const FIRST_ROOM = 1024;
/** Days from 1900-01-01, where datetime begins. */
const DAY_OF_1970 = 25_567;
const DAY_MS = 86_400_000;

/** Commit times of a window's transactions, found fastest when they are asked for in the order of the log. */
export class CommitTimes {
  private lsns = Buffer.alloc(FIRST_ROOM * LSN_BYTES);
  private readonly times: number[] = [];
  private next = 0;

  /** In the order of the log. */
  add(lsn: Buffer, ms: number): void {
    const at = this.times.length * LSN_BYTES;
    if (at === this.lsns.length) this.lsns = Buffer.concat([this.lsns, Buffer.alloc(at)]);
    lsn.copy(this.lsns, at);
    this.times.push(ms);
  }

  /** Milliseconds since 1970 of the transaction whose LSN is at that place of the bytes; undefined when none is known. */
  at(bytes: Buffer, start: number): number | undefined {
    const from = this.search(bytes, start, this.next, Math.min(this.next + 1, this.times.length - 1));
    if (from !== undefined) return this.times[(this.next = from)];
    const found = this.search(bytes, start, 0, this.times.length - 1);
    return found === undefined ? undefined : this.times[(this.next = found)];
  }

  of(lsn: Lsn): number | undefined {
    return this.at(lsnBytes(lsn), 0);
  }

  private search(bytes: Buffer, start: number, first: number, last: number): number | undefined {
    let [low, high] = [first, last];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const at = middle * LSN_BYTES;
      const order = this.lsns.compare(bytes, start, start + LSN_BYTES, at, at + LSN_BYTES);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
}

/** Of which transactions. */
export interface TimesRange {
  readonly after: Lsn;
  readonly upTo: Lsn;
  readonly signal?: AbortSignal;
  /** True: never our own decoder. */
  readonly plain?: boolean;
}

/**
 * The commit times of the transactions in (`after`, `upTo`], once for all tables of a window. The server keeps its wall
 * clock; it is brought to UTC at the server, by the offset that its clock has now.
 * @throws CdcError as `toCdcError`.
 */
export async function readCommitTimes(
  config: MsSqlConfig,
  { after, upTo, signal, plain }: TimesRange,
): Promise<CommitTimes> {
  const times = new CommitTimes();
  const parameters = [
    { name: "after", type: "varbinary", value: lsnBytes(after) },
    { name: "upto", type: "varbinary", value: lsnBytes(upTo) },
  ] as const;
  const options = {
    object: "cdc.lsn_time_mapping",
    parameters,
    plain: plain === true,
    ...(signal === undefined ? {} : { signal }),
  };
  if ((await handOverRows(config, COMMIT_TIMES, timesTaker(times), options)) === undefined) return times;
  for await (const { rows } of streamRows(config, COMMIT_TIMES, { ...options, plain: true })) {
    for (const [lsn, time] of rows)
      if (typeof lsn === "string" && typeof time === "string")
        times.add(Buffer.from(lsn.slice(2), "hex"), Date.parse(`${time.replace(" ", "T")}Z`));
  }
  return times;
}

/** There is one per transaction: nearly as many as rows where transactions are small. */
function timesTaker(times: CommitTimes): RowTaker {
  return {
    begin: () => undefined,
    busy: () => undefined,
    row: ({ buffer, starts, ends }) => {
      const [lsn = 0, time = 0] = starts;
      if (time < 0) return;
      if (lsn < 0 || (ends[0] ?? 0) - lsn !== LSN_BYTES || (ends[1] ?? 0) - time !== DATETIME_BYTES)
        throw new RowFormatError("an LSN has not 10 bytes, or its time not 8");
      const day = buffer.readInt32LE(time) - DAY_OF_1970;
      const ms = Math.round((buffer.readUInt32LE(time + 4) * 10) / 3);
      times.add(buffer.subarray(lsn, lsn + LSN_BYTES), day * DAY_MS + ms);
    },
  };
}
