/** Reads AMQP 1.0 values in their bytes: what is kept as it came needs no decoding. */

const [FIXED, SIZED] = [1, 2];
/** Kind and width by the upper half of a type code: bytes for fixed values, size fields for the others. */
const KINDS = Uint8Array.from({ length: 16 }, (_, half) => (half < 4 ? 0 : half < 10 ? FIXED : SIZED));
const WIDTHS = Uint8Array.from([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 1, 4, 1, 4, 1, 4]);

/** Where the value that starts there ends. Throws RangeError. */
export function endOf(bytes: Buffer, at: number): number {
  const code = bytes[at];
  if (code === 0) return endOf(bytes, endOf(bytes, at + 1));
  const end = code === undefined ? Infinity : endOfBody(bytes, code, at + 1);
  if (end > bytes.length) throw tooLong();
  return end;
}

function endOfBody(bytes: Buffer, code: number, at: number): number {
  const kind = KINDS[code >> 4];
  const width = WIDTHS[code >> 4] as number;
  if (kind === FIXED) return at + width;
  if (kind !== SIZED) throw new RangeError(`Type code ${code} is unknown.`);
  if (at + width > bytes.length) throw tooLong();
  return at + width + (width === 1 ? bytes.readUInt8(at) : bytes.readUInt32BE(at));
}

function tooLong(): RangeError {
  return new RangeError("A value is longer than the message.");
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw tooLong();
  return byte;
}

/** The items of a list, or keys and values of a map: how many, and where they are. */
export interface Items {
  readonly count: number;
  readonly start: number;
  readonly end: number;
}

/** The items of the list or map that starts there. */
export function itemsAt(bytes: Buffer, at: number): Items {
  const code = byteAt(bytes, at);
  const end = endOf(bytes, at);
  if (code === 0x45 || code === 0x40) return { count: 0, start: end, end };
  if (code === 0xc0 || code === 0xc1) return { count: byteAt(bytes, at + 2), start: at + 3, end };
  if (code === 0xd0 || code === 0xd1) {
    if (at + 9 > bytes.length) throw tooLong();
    return { count: bytes.readUInt32BE(at + 5), start: at + 9, end };
  }
  throw new RangeError(`Type code ${code} is no list and no map.`);
}

/** Where the content of a binary, string or symbol is. */
export function contentAt(bytes: Buffer, at: number): { readonly start: number; readonly end: number } {
  const kind = byteAt(bytes, at) >> 4;
  if (kind !== 0xa && kind !== 0xb) throw new RangeError("A binary or a text was expected.");
  return { start: at + (kind === 0xa ? 2 : 5), end: endOf(bytes, at) };
}

/** The string or symbol that starts there; undefined for null. */
export function textAt(bytes: Buffer, at: number): string | undefined {
  if (byteAt(bytes, at) === 0x40) return undefined;
  const { start, end } = contentAt(bytes, at);
  return bytes.toString("utf8", start, end);
}

/** The whole number, or the time in milliseconds, that starts there; undefined for null. */
export function numberAt(bytes: Buffer, at: number): number | undefined {
  // Whatever it is, it is all there.
  endOf(bytes, at);
  const code = bytes[at];
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
  const code = byteAt(bytes, at);
  return code === 0x41 || (code === 0x56 && byteAt(bytes, at + 1) === 1);
}
