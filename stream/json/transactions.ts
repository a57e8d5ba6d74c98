import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { memoryOf, type Memory } from "../../databases/sqlserver/rows/memory";
import { RowFormatError } from "../../databases/sqlserver/rows/row-format-error";
import type { RowTaker } from "../../databases/sqlserver/rows/token-reader";
import { handOverRows, streamRows } from "../../databases/sqlserver/run";
import type { Lsn } from "../../model/lsn";
import { lsnBytes } from "../../sql/sqlserver/capture-statements";
import { TRANSACTIONS } from "../../sql/sqlserver/change-statements";
import { datetimeWriter } from "../copy/bytes/moments";
import { writeHex } from "../copy/bytes/texts";
import type { TimesRange } from "../copy/commit-times";
import { LSN_BYTES } from "../copy/position-bytes";

const DATETIME_BYTES = 8;
const MOST_ID_BYTES = 10;
/** LSN, time, length of the id (its high bit: no time), id. */
const ROW_BYTES = LSN_BYTES + DATETIME_BYTES + 1 + MOST_ID_BYTES;
const NO_TIME = 0x80;
const FIRST_ROOM = 1024;
/** Days from 1900-01-01, where datetime begins. */
const DAY_OF_1970 = 25_567;
const DAY_MS = 86_400_000;
const TIME = Buffer.from(',"CommitTime":"');
const ID = Buffer.from(',"TransactionId":"');
const QUOTE = 0x22;
const writeMoment = datetimeWriter(3);

/** Bytes that {@link Transactions.write} may write. */
export const TRANSACTION_ROOM = 128;

/** Commit times and ids of a window's transactions, in the order of the log. */
export class Transactions {
  private memory = memoryOf(Buffer.alloc(FIRST_ROOM * ROW_BYTES));
  private count = 0;

  /** @param time A datetime in UTC; undefined when the server has none. */
  add(lsn: Buffer, time: Buffer | undefined, id: Buffer): void {
    const at = this.count * ROW_BYTES;
    if (at === this.rows.length) this.memory = memoryOf(Buffer.concat([this.rows, Buffer.alloc(at)]));
    lsn.copy(this.rows, at, 0, LSN_BYTES);
    time?.copy(this.rows, at + LSN_BYTES, 0, DATETIME_BYTES);
    this.rows[at + LSN_BYTES + DATETIME_BYTES] = id.length | (time === undefined ? NO_TIME : 0);
    id.copy(this.rows, at + LSN_BYTES + DATETIME_BYTES + 1, 0, MOST_ID_BYTES);
    this.count += 1;
  }

  private get rows(): Buffer {
    return this.memory.buffer;
  }

  /** Which one has the LSN at the beginning of the bytes; -1 when none is known. @param hint Where the last one was found. */
  find(place: Buffer, hint: number): number {
    if (this.order(hint, place) === 0) return hint;
    if (this.order(hint + 1, place) === 0) return hint + 1;
    let [low, high] = [0, this.count - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const order = this.order(middle, place) ?? 0;
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** Commit time of a transaction; undefined when it isn't known. */
  timeOf(lsn: Lsn | undefined): Date | undefined {
    const index = lsn === undefined ? -1 : this.find(lsnBytes(lsn), 0);
    const time = index < 0 ? undefined : this.keys(index)["CommitTime"];
    return time === undefined ? undefined : new Date(time);
  }

  /** Writes the keys of an envelope's metadata that tell of a transaction, each behind a comma. */
  write(index: number, output: Memory, at: number): number {
    const { buffer } = output;
    const row = index * ROW_BYTES;
    const flags = this.rows[row + LSN_BYTES + DATETIME_BYTES] as number;
    let next = at;
    if ((flags & NO_TIME) === 0) {
      next = put(TIME, buffer, next);
      const end = writeMoment(this.memory, row + LSN_BYTES, row + LSN_BYTES + DATETIME_BYTES, output, next);
      buffer[next + "yyyy-mm-dd".length] = 0x54;
      buffer[end] = 0x5a;
      buffer[end + 1] = QUOTE;
      next = end + 2;
    }
    const id = row + LSN_BYTES + DATETIME_BYTES + 1;
    next = writeHex(this.rows, id, id + (flags & ~NO_TIME), output, put(ID, buffer, next));
    buffer[next] = QUOTE;
    return next + 1;
  }

  /** The same as an object, for lines that are made by way of text. */
  keys(index: number): Readonly<Record<string, string>> {
    const text = memoryOf(Buffer.alloc(TRANSACTION_ROOM));
    const end = this.write(index, text, 0);
    return JSON.parse(`{${text.buffer.toString("latin1", 1, end)}}`) as Record<string, string>;
  }

  private order(index: number, place: Buffer): number | undefined {
    if (index < 0 || index >= this.count) return undefined;
    const at = index * ROW_BYTES;
    return this.rows.compare(place, 0, LSN_BYTES, at, at + LSN_BYTES);
  }
}

/**
 * The transactions in (`after`, `upTo`], once for all tables of a window. Times are brought to UTC at the server, by the
 * offset that its clock has now.
 * @throws CdcError as `toCdcError`.
 */
export async function readTransactions(
  config: MsSqlConfig,
  { after, upTo, signal, plain }: TimesRange,
): Promise<Transactions> {
  const transactions = new Transactions();
  const parameters = [
    { name: "after", type: "varbinary", value: lsnBytes(after) },
    { name: "upto", type: "varbinary", value: lsnBytes(upTo) },
  ] as const;
  const base = { object: "cdc.lsn_time_mapping", parameters, ...(signal === undefined ? {} : { signal }) };
  const options = plain === true ? { ...base, plain } : base;
  if ((await handOverRows(config, TRANSACTIONS, takerOf(transactions), options)) === undefined) return transactions;
  for await (const { rows } of streamRows(config, TRANSACTIONS, { ...base, plain: true })) {
    for (const [lsn, time, id] of rows) transactions.add(hex(lsn), datetimeOf(time), hex(id));
  }
  return transactions;
}

function takerOf(transactions: Transactions): RowTaker {
  return {
    begin: () => undefined,
    busy: () => undefined,
    row: ({ buffer, starts, ends }) => {
      const part = (index: number): Buffer | undefined => {
        const start = starts[index] ?? -1;
        return start < 0 ? undefined : buffer.subarray(start, ends[index]);
      };
      const [lsn, time, id = Buffer.alloc(0)] = [part(0), part(1), part(2)];
      if (
        lsn?.length !== LSN_BYTES ||
        (time !== undefined && time.length !== DATETIME_BYTES) ||
        id.length > MOST_ID_BYTES
      )
        throw new RowFormatError("a transaction's LSN, time or id has another length than it must");
      transactions.add(lsn, time, id);
    },
  };
}

/** Of `2026-11-21 06:31:26.123`. */
function datetimeOf(text: string | null | undefined): Buffer | undefined {
  if (text === null || text === undefined) return undefined;
  const ms = Date.parse(`${text.replace(" ", "T")}Z`);
  const bytes = Buffer.alloc(DATETIME_BYTES);
  const day = Math.floor(ms / DAY_MS);
  bytes.writeInt32LE(day + DAY_OF_1970);
  bytes.writeUInt32LE(Math.round(((ms - day * DAY_MS) * 3) / 10), 4);
  return bytes;
}

function hex(text: string | null | undefined): Buffer {
  return Buffer.from((text ?? "").slice("0x".length), "hex");
}

function put(text: Buffer, output: Buffer, at: number): number {
  for (let index = 0; index < text.length; index += 1) output[at + index] = text[index] as number;
  return at + text.length;
}
