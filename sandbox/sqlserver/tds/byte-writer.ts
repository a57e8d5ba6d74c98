/** Appends little-endian numbers and texts to a buffer that grows. */
export class ByteWriter {
  private buffer: Buffer;
  private end = 0;

  constructor(capacity = 256) {
    this.buffer = Buffer.allocUnsafe(capacity);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.end;
  }

  /** What was written; valid until the next write. */
  view(): Buffer {
    return this.buffer.subarray(0, this.end);
  }

  /** Forgets everything, keeps the memory. */
  clear(): void {
    this.end = 0;
  }

  /** Drops the first bytes. */
  shift(count: number): void {
    this.buffer.copy(this.buffer, 0, count, this.end);
    this.end -= count;
  }

  u8(value: number): this {
    this.room(1);
    this.buffer[this.end++] = value;
    return this;
  }

  u16(value: number): this {
    this.room(2);
    this.end = this.buffer.writeUInt16LE(value, this.end);
    return this;
  }

  u32(value: number): this {
    this.room(4);
    this.end = this.buffer.writeUInt32LE(value, this.end);
    return this;
  }

  i16(value: number): this {
    this.room(2);
    this.end = this.buffer.writeInt16LE(value, this.end);
    return this;
  }

  i32(value: number): this {
    this.room(4);
    this.end = this.buffer.writeInt32LE(value, this.end);
    return this;
  }

  u64(value: bigint): this {
    this.room(8);
    this.end = this.buffer.writeBigUInt64LE(value, this.end);
    return this;
  }

  i64(value: bigint): this {
    this.room(8);
    this.end = this.buffer.writeBigInt64LE(value, this.end);
    return this;
  }

  f32(value: number): this {
    this.room(4);
    this.end = this.buffer.writeFloatLE(value, this.end);
    return this;
  }

  f64(value: number): this {
    this.room(8);
    this.end = this.buffer.writeDoubleLE(value, this.end);
    return this;
  }

  /** The low `width` bytes of a non-negative integer below 2^53. */
  unsigned(value: number, width: number): this {
    this.room(width);
    for (let rest = value, i = 0; i < width; i++, rest = Math.floor(rest / 256)) this.buffer[this.end++] = rest & 0xff;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.room(value.length);
    this.buffer.set(value, this.end);
    this.end += value.length;
    return this;
  }

  /** Appends bytes of which some are still to be put into {@link memory}; returns where they begin there. */
  claim(value: Uint8Array): number {
    const start = this.end;
    this.bytes(value);
    return start;
  }

  /** All bytes; valid until the next write. */
  get memory(): Buffer {
    return this.buffer;
  }

  /** One byte per character, of those up to U+00FF. */
  latin1(text: string): this {
    this.room(text.length);
    this.end += this.buffer.write(text, this.end, "latin1");
    return this;
  }

  /** UTF-16 without a length. */
  utf16(text: string): this {
    this.room(text.length * 2);
    this.end += this.buffer.write(text, this.end, "utf16le");
    return this;
  }

  /** UTF-16 after its length in characters, one byte. */
  bVarChar(text: string): this {
    return this.u8(text.length).utf16(text);
  }

  /** UTF-16 after its length in characters, two bytes. */
  usVarChar(text: string): this {
    return this.u16(text.length).utf16(text);
  }

  /** Overwrites two bytes written before. */
  patchU16(at: number, value: number): void {
    this.buffer.writeUInt16LE(value, at);
  }

  private room(count: number): void {
    const needed = this.end + count;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.end);
    this.buffer = larger;
  }
}
