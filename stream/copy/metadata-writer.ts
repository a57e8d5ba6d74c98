import { memoryOf, type Memory } from "../../databases/sqlserver/rows/memory";
import type { OperationType } from "../../model/envelope";
import { COPY_NULL } from "../encode/codec";
import { fillDigits } from "./bytes/digits";
import { writeHex } from "./bytes/texts";
import { LSN_BYTES, POSITION_BYTES } from "./position-bytes";

const HEX = "0".repeat(2 * POSITION_BYTES);
/** Longest number of milliseconds, operation and position, with what is between them. */
const TEXT_BYTES = 20 + 16 + 2 * POSITION_BYTES + 16;
/** Milliseconds of 2001 to 2286 have so many digits. */
const TIME_DIGITS = 13;

/** All metadata of a line with one operation, up to the position's tab; numbers are put into it. */
interface Text extends Memory {
  /** Where the position's digits are. */
  readonly hexAt: number;
  /** That it was made with; one of {@link TIME_DIGITS} makes room for others. */
  readonly time: number | undefined;
  /** Number of the transaction whose time and LSN it has. */
  transaction: number;
}

/** Writes the metadata columns of staged lines up to the list of unchanged columns, as `MetadataEncoder` does. */
export class MetadataWriter {
  /** Bytes that it may write. */
  readonly room: number;
  /** Position of the next line, {@link POSITION_BYTES} bytes; its LSN changes with the transaction only. */
  readonly position = memoryOf(Buffer.alloc(POSITION_BYTES));
  private readonly texts = new Map<OperationType, Text>();
  private operation: OperationType = "Insert";
  private text: Text | undefined;
  private transaction = 0;
  private time: number | undefined;
  private readonly timeAt: number;

  /** @param origin COPY text of the columns before the time, each followed by a tab. */
  constructor(private readonly origin: string) {
    this.timeAt = Buffer.byteLength(origin);
    this.room = this.timeAt + TEXT_BYTES;
  }

  /** The lines that follow are of another transaction: milliseconds since 1970, undefined when not known. */
  begin(time: number | undefined): void {
    this.transaction += 1;
    this.time = time;
  }

  setOperation(operation: OperationType): void {
    if (operation === this.operation) return;
    this.operation = operation;
    this.text = this.texts.get(operation);
  }

  write(output: Memory, at: number): number {
    const text = this.text?.transaction === this.transaction ? this.text : (this.text = this.current());
    const { buffer, hexAt } = text;
    writeHex(this.position.buffer, LSN_BYTES, POSITION_BYTES, text, hexAt + 2 * LSN_BYTES);
    output.buffer.set(buffer, at);
    return at + buffer.length;
  }

  /** The operation's text, with time and LSN of the transaction. */
  private current(): Text {
    const { text: old, time, operation } = this;
    const fits = old !== undefined && (time === old.time || (isUsual(time) && isUsual(old.time)));
    const text = fits ? old : this.make();
    if (isUsual(time)) fillDigits(text, this.timeAt, this.timeAt + TIME_DIGITS, time);
    writeHex(this.position.buffer, 0, LSN_BYTES, text, text.hexAt);
    text.transaction = this.transaction;
    this.texts.set(operation, text);
    return text;
  }

  private make(): Text {
    const { time } = this;
    const head = `${this.origin}${time === undefined ? COPY_NULL : String(time)}\t${this.operation}\t\\\\x`;
    const buffer = Buffer.from(`${head}${HEX}\t`);
    return { ...memoryOf(buffer), hexAt: Buffer.byteLength(head), time, transaction: 0 };
  }
}

function isUsual(time: number | undefined): time is number {
  return time !== undefined && time >= 10 ** (TIME_DIGITS - 1) && time < 10 ** TIME_DIGITS;
}
