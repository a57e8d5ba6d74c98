import { SqlError } from "../errors";

/** Reads little-endian numbers and texts; a message that ends too early is a protocol error (4014). */
export class ByteReader {
  constructor(
    readonly buffer: Buffer,
    private at = 0,
  ) {}

  /** Bytes that are left. */
  get left(): number {
    return this.buffer.length - this.at;
  }

  u8(): number {
    return this.buffer.readUInt8(this.take(1));
  }

  u16(): number {
    return this.buffer.readUInt16LE(this.take(2));
  }

  i16(): number {
    return this.buffer.readInt16LE(this.take(2));
  }

  u32(): number {
    return this.buffer.readUInt32LE(this.take(4));
  }

  i32(): number {
    return this.buffer.readInt32LE(this.take(4));
  }

  u64(): bigint {
    return this.buffer.readBigUInt64LE(this.take(8));
  }

  i64(): bigint {
    return this.buffer.readBigInt64LE(this.take(8));
  }

  f32(): number {
    return this.buffer.readFloatLE(this.take(4));
  }

  f64(): number {
    return this.buffer.readDoubleLE(this.take(8));
  }

  /** A non-negative integer of up to six bytes. */
  unsigned(width: number): number {
    return this.buffer.readUIntLE(this.take(width), width);
  }

  bytes(count: number): Buffer {
    const from = this.take(count);
    return Buffer.from(this.buffer.subarray(from, from + count));
  }

  utf16(characters: number): string {
    const from = this.take(characters * 2);
    return this.buffer.toString("utf16le", from, from + characters * 2);
  }

  bVarChar(): string {
    return this.utf16(this.u8());
  }

  usVarChar(): string {
    return this.utf16(this.u16());
  }

  skip(count: number): void {
    this.take(count);
  }

  /** The next byte, not consumed. */
  peek(): number | undefined {
    return this.buffer[this.at];
  }

  private take(count: number): number {
    const from = this.at;
    if (count < 0 || from + count > this.buffer.length) {
      throw new SqlError(4014, 20, 11, "A fatal error occurred while reading the input stream from the network.");
    }
    this.at += count;
    return from;
  }
}
