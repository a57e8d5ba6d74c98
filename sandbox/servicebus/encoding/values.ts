/** Reads AMQP 1.0 values in their bytes: what is kept as it came needs no decoding. */

/** Widths of values by the upper half of their type code: bytes for fixed ones, size fields for the others. */
const FIXED: Readonly<Record<number, number>> = { 0x4: 0, 0x5: 1, 0x6: 2, 0x7: 4, 0x8: 8, 0x9: 16 };
const SIZED: Readonly<Record<number, number>> = { 0xa: 1, 0xb: 4, 0xc: 1, 0xd: 4, 0xe: 1, 0xf: 4 };

/** Where the value that starts there ends. Throws RangeError. */
export function endOf(bytes: Buffer, at: number): number {
  const code = bytes.readUInt8(at);
  if (code === 0) return endOf(bytes, endOf(bytes, at + 1));
  const end = endOfBody(bytes, code, at + 1);
  if (end > bytes.length) throw new RangeError("A value is longer than the message.");
  return end;
}

function endOfBody(bytes: Buffer, code: number, at: number): number {
  const fixed = FIXED[code >> 4];
  if (fixed !== undefined) return at + fixed;
  const sized = SIZED[code >> 4];
  if (sized === undefined) throw new RangeError(`Type code ${code} is unknown.`);
  return at + sized + (sized === 1 ? bytes.readUInt8(at) : bytes.readUInt32BE(at));
}

/** The items of a list, or keys and values of a map: how many, and where they are. */
export interface Items {
  readonly count: number;
  readonly start: number;
  readonly end: number;
}

/** The items of the list or map that starts there. */
export function itemsAt(bytes: Buffer, at: number): Items {
  const code = bytes.readUInt8(at);
  const end = endOf(bytes, at);
  if (code === 0x45 || code === 0x40) return { count: 0, start: end, end };
  if (code === 0xc0 || code === 0xc1) return { count: bytes.readUInt8(at + 2), start: at + 3, end };
  if (code === 0xd0 || code === 0xd1) return { count: bytes.readUInt32BE(at + 5), start: at + 9, end };
  throw new RangeError(`Type code ${code} is no list and no map.`);
}

/** Where the content of a binary, string or symbol is. */
export function contentAt(bytes: Buffer, at: number): { readonly start: number; readonly end: number } {
  const kind = bytes.readUInt8(at) >> 4;
  if (kind !== 0xa && kind !== 0xb) throw new RangeError("A binary or a text was expected.");
  return { start: at + (kind === 0xa ? 2 : 5), end: endOf(bytes, at) };
}

/** The string or symbol that starts there; undefined for null. */
export function textAt(bytes: Buffer, at: number): string | undefined {
  if (bytes.readUInt8(at) === 0x40) return undefined;
  const { start, end } = contentAt(bytes, at);
  return bytes.toString("utf8", start, end);
}

/** The whole number, or the time in milliseconds, that starts there; undefined for null. */
export function numberAt(bytes: Buffer, at: number): number | undefined {
  const code = bytes.readUInt8(at);
  const from = at + 1;
  switch (code) {
    case 0x40:
      return undefined;
    case 0x43:
    case 0x44:
      return 0;
    case 0x50:
    case 0x52:
    case 0x53:
      return bytes.readUInt8(from);
    case 0x54:
    case 0x55:
      return bytes.readInt8(from);
    case 0x60:
      return bytes.readUInt16BE(from);
    case 0x70:
      return bytes.readUInt32BE(from);
    case 0x71:
      return bytes.readInt32BE(from);
    case 0x80:
      return Number(bytes.readBigUInt64BE(from));
    case 0x81:
    case 0x83:
      return Number(bytes.readBigInt64BE(from));
    default:
      throw new RangeError(`Type code ${code} is no number.`);
  }
}

/** Whether the boolean that starts there is true. */
export function isTrueAt(bytes: Buffer, at: number): boolean {
  const code = bytes.readUInt8(at);
  return code === 0x41 || (code === 0x56 && bytes.readUInt8(at + 1) === 1);
}
