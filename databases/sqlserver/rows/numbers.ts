import { RowFormatError } from "./row-format-error";

const WORD = 0x1_0000_0000;
/** High words below it make integers that a double holds. */
const SAFE_HIGH = 0x20_0000;

/** bigint in decimal digits. */
export function bigintText(buffer: Buffer, at: number): string {
  const high = buffer.readInt32LE(at + 4);
  if (high >= -SAFE_HIGH && high < SAFE_HIGH) return String(high * WORD + buffer.readUInt32LE(at));
  return String(buffer.readBigInt64LE(at));
}

/** money: ten-thousandths, high word first. */
export function moneyText(buffer: Buffer, at: number): string {
  const high = buffer.readInt32LE(at);
  const low = buffer.readUInt32LE(at + 4);
  if (high >= -SAFE_HIGH && high < SAFE_HIGH) return signed(high * WORD + low, 4);
  const value = (BigInt(high) << 32n) | BigInt(low);
  return value < 0n ? `-${withPoint(String(-value), 4)}` : withPoint(String(value), 4);
}

/** smallmoney: ten-thousandths. */
export function smallmoneyText(buffer: Buffer, at: number): string {
  return signed(buffer.readInt32LE(at), 4);
}

/** decimal: a sign byte, then 1 to 4 words, lowest first. All `scale` digits are kept. */
export function decimalText(buffer: Buffer, start: number, end: number, precision: number, scale: number): string {
  const sign = buffer[start] ?? 0;
  if (sign > 1) throw new RowFormatError(`a decimal's sign is ${String(sign)}`);
  const digits = magnitude(buffer, start + 1, end);
  if (digits.length > precision) throw new RowFormatError(`a decimal has more than ${String(precision)} digits`);
  const text = withPoint(digits, scale);
  return sign === 1 || digits === "0" ? text : `-${text}`;
}

function magnitude(buffer: Buffer, start: number, end: number): string {
  const low = buffer.readUInt32LE(start);
  if (end - start === 4) return String(low);
  const second = buffer.readUInt32LE(start + 4);
  if (end - start === 8 && second < SAFE_HIGH) return String(second * WORD + low);
  let value = 0n;
  for (let at = end - 4; at >= start; at -= 4) value = (value << 32n) | BigInt(buffer.readUInt32LE(at));
  return String(value);
}

/** Shortest text that is this double. */
export function floatText(value: number): string {
  return value === 0 && Object.is(value, -0) ? "-0" : String(value);
}

/** Shortest text that is this 32-bit float. */
export function realText(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return floatText(value);
  // Of integers below 2^24 all digits count.
  if (Number.isInteger(value) && Math.abs(value) < 0x100_0000) return String(value);
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}

function signed(value: number, scale: number): string {
  return value < 0 ? `-${withPoint(String(-value), scale)}` : withPoint(String(value), scale);
}

function withPoint(digits: string, scale: number): string {
  if (scale === 0) return digits;
  const full = digits.length > scale ? digits : digits.padStart(scale + 1, "0");
  const point = full.length - scale;
  return `${full.slice(0, point)}.${full.slice(point)}`;
}
