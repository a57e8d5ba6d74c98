import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { streamRows } from "../../databases/sqlserver/run";
import type { Lsn } from "../../model/lsn";
import { lsnBytes } from "../../sql/sqlserver/capture-statements";
import { COMMIT_TIMES } from "../../sql/sqlserver/change-statements";

const LSN_BYTES = 10;
const FIRST_ROOM = 1024;

/** Commit times of a window's transactions, found fastest when they are asked for in the order of the log. */
export class CommitTimes {
  private lsns = Buffer.alloc(FIRST_ROOM * LSN_BYTES);
  private readonly times: number[] = [];
  private next = 0;

  /** In the order of the log. */
  add(lsn: Lsn, ms: number): void {
    const at = this.times.length * LSN_BYTES;
    if (at === this.lsns.length) this.lsns = Buffer.concat([this.lsns, Buffer.alloc(at)]);
    this.lsns.write(lsn, at, "hex");
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

/**
 * The commit times of the transactions in (`after`, `upTo`], once for all tables of a window. The server keeps its wall
 * clock; it is brought to UTC at the server, by the offset that its clock has now.
 * @throws CdcError as `toCdcError`.
 */
export async function readCommitTimes(
  config: MsSqlConfig,
  { after, upTo, signal }: { readonly after: Lsn; readonly upTo: Lsn; readonly signal?: AbortSignal },
): Promise<CommitTimes> {
  const times = new CommitTimes();
  const parameters = [
    { name: "after", type: "varbinary", value: lsnBytes(after) },
    { name: "upto", type: "varbinary", value: lsnBytes(upTo) },
  ] as const;
  const options = { object: "cdc.lsn_time_mapping", parameters, ...(signal === undefined ? {} : { signal }) };
  for await (const { rows } of streamRows(config, COMMIT_TIMES, options)) {
    for (const [lsn, time] of rows)
      if (typeof lsn === "string" && typeof time === "string")
        times.add(lsn.slice(2) as Lsn, Date.parse(`${time.replace(" ", "T")}Z`));
  }
  return times;
}
