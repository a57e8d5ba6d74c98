/** Codes of AMQP 1.0 types that are written. */
const CODE = { null: 0x40, described: 0x00, smallUlong: 0x53, int: 0x71, str8: 0xa1, str32: 0xb1, sym8: 0xa3 } as const;
const VBIN32 = 0xb0;
const LONGEST_SHORT = 255;

/** Writes values of AMQP 1.0 into a buffer that has room for them: callers ask {@link stringBytes} and the like first. */
export class AmqpWriter {
  constructor(
    readonly buffer: Buffer,
    public at = 0,
  ) {}

  /** A descriptor, in front of the value that it describes. */
  describe(code: number): void {
    this.buffer[this.at] = CODE.described;
    this.buffer[this.at + 1] = CODE.smallUlong;
    this.buffer[this.at + 2] = code;
    this.at += 3;
  }

  null(): void {
    this.buffer[this.at] = CODE.null;
    this.at += 1;
  }

  int(value: number): void {
    this.buffer[this.at] = CODE.int;
    this.buffer.writeInt32BE(value, this.at + 1);
    this.at += 5;
  }

  symbol(value: string): void {
    this.buffer[this.at] = CODE.sym8;
    this.buffer[this.at + 1] = value.length;
    this.at += 2 + this.buffer.write(value, this.at + 2, "latin1");
  }

  string(value: string): void {
    // A UTF-16 unit is at most three bytes of UTF-8, so most strings need not be measured.
    const isShort = value.length * 3 <= LONGEST_SHORT || Buffer.byteLength(value) <= LONGEST_SHORT;
    const head = isShort ? 2 : 5;
    const length = this.buffer.write(value, this.at + head);
    this.buffer[this.at] = isShort ? CODE.str8 : CODE.str32;
    if (isShort) this.buffer[this.at + 1] = length;
    else this.buffer.writeUInt32BE(length, this.at + 1);
    this.at += head + length;
  }

  /** The head of a binary value of so many bytes. */
  binaryHead(length: number): void {
    this.buffer[this.at] = VBIN32;
    this.buffer.writeUInt32BE(length, this.at + 1);
    this.at += 5;
  }

  bytes(value: Buffer): void {
    value.copy(this.buffer, this.at);
    this.at += value.length;
  }

  /** Begins a list or map whose size isn't known yet; {@link end} fills it in. */
  begin(code: typeof LIST32 | typeof MAP32): number {
    this.buffer[this.at] = code;
    this.at += 9;
    return this.at;
  }

  /** @param start what {@link begin} returned */
  end(start: number, count: number): void {
    // The size counts the four bytes of the count, too.
    this.buffer.writeUInt32BE(this.at - start + 4, start - 8);
    this.buffer.writeUInt32BE(count, start - 4);
  }
}

export const LIST32 = 0xd0;
export const MAP32 = 0xd1;

/** Most bytes that a string takes. */
export function stringBytes(value: string): number {
  return 5 + value.length * 3;
}
