import { COPY_NULL } from "../encode/codec";
import { writeHex } from "./bytes/texts";
import type { OperationType } from "../../model/envelope";
import { POSITION_BYTES } from "./position-bytes";

const TAB = 0x09;
const BYTEA = "\t\\\\x";
const OPERATIONS = ["Insert", "Update", "Delete", "Read"] as const;
/** Longest number of milliseconds, operation and position, with what is between them. */
const TEXT_BYTES = 20 + 16 + 2 * POSITION_BYTES + 16;

/** Writes the metadata columns of staged lines up to the list of unchanged columns, as `MetadataEncoder` does. */
export class MetadataWriter {
  /** Bytes that it may write. */
  readonly room: number;
  /** Position of the next line, {@link POSITION_BYTES} bytes. */
  readonly position = Buffer.alloc(POSITION_BYTES);
  private readonly operations: Readonly<Record<OperationType, Buffer>>;
  private operation: Buffer;
  private head: Buffer;
  private time: number | undefined;

  /** @param origin COPY text of the columns before the time, each followed by a tab. */
  constructor(private readonly origin: string) {
    const texts = OPERATIONS.map((name) => [name, Buffer.from(`${name}${BYTEA}`)]);
    this.operations = Object.fromEntries(texts) as Record<OperationType, Buffer>;
    this.operation = this.operations.Insert;
    this.head = this.headOf(undefined);
    this.room = Buffer.byteLength(origin) + TEXT_BYTES;
  }

  /** Of the lines that follow: milliseconds since 1970, undefined when not known. */
  setTime(time: number | undefined): void {
    if (time === this.time) return;
    this.time = time;
    this.head = this.headOf(time);
  }

  setOperation(operation: OperationType): void {
    this.operation = this.operations[operation];
  }

  write(output: Buffer, at: number): number {
    const { head, operation, position } = this;
    let next = at;
    for (let index = 0; index < head.length; index += 1) output[next++] = head[index] as number;
    for (let index = 0; index < operation.length; index += 1) output[next++] = operation[index] as number;
    next = writeHex(position, 0, POSITION_BYTES, output, next);
    output[next] = TAB;
    return next + 1;
  }

  private headOf(time: number | undefined): Buffer {
    return Buffer.from(`${this.origin}${time === undefined ? COPY_NULL : String(time)}\t`);
  }
}
