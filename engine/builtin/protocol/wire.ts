/**
 * Writes protobuf from the last byte to the first: a length is known when it is written, so nothing is measured twice.
 * Fields and elements are therefore given in reverse order.
 */
export class WireWriter {
  private buffer = Buffer.allocUnsafe(64 * 1024);
  private at = this.buffer.length;

  /** Bytes written so far. */
  get length(): number {
    return this.buffer.length - this.at;
  }

  /** A copy of what was written; the writer is empty again. */
  take(): Buffer {
    const written = Buffer.from(this.buffer.subarray(this.at));
    this.at = this.buffer.length;
    return written;
  }

  varint(value: number): void {
    this.reserve(10);
    const start = this.at - varintSize(value);
    let rest = value;
    let at = start;
    while (rest >= 0x80) {
      this.buffer[at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[at] = rest;
    this.at = start;
  }

  tag(field: number, wireType: number): void {
    this.varint(field * 8 + wireType);
  }

  bytes(value: Uint8Array): void {
    this.reserve(value.length);
    this.at -= value.length;
    this.buffer.set(value, this.at);
  }

  text(value: string): void {
    const size = Buffer.byteLength(value);
    this.reserve(size);
    this.at -= size;
    this.buffer.write(value, this.at, size, "utf8");
  }

  double(value: number): void {
    this.reserve(8);
    this.at -= 8;
    this.buffer.writeDoubleLE(value, this.at);
  }

  /** Closes a length-delimited field whose content began at `before` (a value of `length`). */
  close(field: number, before: number): void {
    this.varint(this.length - before);
    this.tag(field, 2);
  }

  private reserve(size: number): void {
    if (this.at >= size) return;
    const used = this.length;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, used + size));
    this.buffer.copy(grown, grown.length - used, this.at);
    this.buffer = grown;
    this.at = grown.length - used;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}

/** Reads protobuf from `buffer[at, end)`. Throws `RangeError` on a truncated message. */
export class WireReader {
  constructor(
    readonly buffer: Buffer,
    private at = 0,
    private readonly end = buffer.length,
  ) {}

  get done(): boolean {
    return this.at >= this.end;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.buffer[this.at++];
      if (byte === undefined || this.at > this.end) throw new RangeError("truncated protobuf message");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  double(): number {
    const value = this.buffer.readDoubleLE(this.at);
    this.at += 8;
    return value;
  }

  text(): string {
    const size = this.varint();
    const from = this.skipBytes(size);
    return this.buffer.toString("utf8", from, from + size);
  }

  bytes(): Buffer {
    const size = this.varint();
    const from = this.skipBytes(size);
    return this.buffer.subarray(from, from + size);
  }

  /** A reader of the length-delimited field that comes next. */
  message(): WireReader {
    const size = this.varint();
    const from = this.skipBytes(size);
    return new WireReader(this.buffer, from, from + size);
  }

  skip(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.skipBytes(8);
    else if (wireType === 2) this.skipBytes(this.varint());
    else if (wireType === 5) this.skipBytes(4);
    else throw new RangeError(`unknown protobuf wire type ${wireType}`);
  }

  private skipBytes(size: number): number {
    const from = this.at;
    this.at += size;
    if (this.at > this.end) throw new RangeError("truncated protobuf message");
    return from;
  }
}
