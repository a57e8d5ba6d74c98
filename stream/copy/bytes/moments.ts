import { RowFormatError } from "../../../databases/sqlserver/rows/row-format-error";
import { memoryOf, type Memory } from "../../../databases/sqlserver/rows/memory";
import { timeWidth } from "../../../databases/sqlserver/rows/values";
import type { ByteWriter } from "./byte-writer";
import { fillDigits, writeTwo } from "./digits";
import { int32 } from "./numbers";

/** Days from 0001-01-01 to 1900-01-01, where datetime begins. */
const DAY_OF_1900 = 693_595;
const DAY_SECONDS = 86_400;
const DATETIME_TICKS = 300;
const MAX_OFFSET_MINUTES = 14 * 60;
const DAY_BYTES = 10;
const LAST_DAY = 3_652_058;
const POWERS = Array.from({ length: 8 }, (_, digits) => 10 ** digits);
const [MINUS, PLUS, POINT, COLON, BLANK] = [0x2d, 0x2b, 0x2e, 0x3a, 0x20] as const;

// Rows have few days between them.
const CACHE = 4096;
const NO_DAY = -0x8000_0000;
const cachedDays = new Int32Array(CACHE).fill(NO_DAY);
const cachedTexts = memoryOf(Buffer.alloc(CACHE * DAY_BYTES));
/** `HH:MM:` of every minute, in eight bytes each. */
const MINUTES = memoryOf(Buffer.alloc(24 * 60 * 8));
for (let minute = 0; minute < 24 * 60; minute += 1) {
  const time = [(minute / 60) | 0, minute % 60].map((part) => `${String(part).padStart(2, "0")}:`);
  MINUTES.buffer.write(time.join(""), minute * 8);
}

export const writeDate: ByteWriter = (input, start, _end, output, at) => writeDay(output, at, uint24(input, start));

/** time; digits beyond `kept` are cut off. */
export function timeWriter(scale: number, kept: number): ByteWriter {
  const width = timeWidth(scale);
  return (input, start, _end, output, at) => writeTime(output, at, count(input, start, width), scale, kept);
}

/** datetime2; digits beyond `kept` are cut off. */
export function datetime2Writer(scale: number, kept: number): ByteWriter {
  const width = timeWidth(scale);
  return (input, start, _end, output, at) => {
    const next = writeDay(output, at, uint24(input, start + width));
    output.buffer[next] = BLANK;
    return writeTime(output, next + 1, count(input, start, width), scale, kept);
  };
}

/** datetime: days since 1900 and 1/300 seconds, rounded to milliseconds as SQL Server prints them. */
export function datetimeWriter(kept: number): ByteWriter {
  return (input, start, _end, output, at) => {
    const ticks = int32(input, start + 4) >>> 0;
    if (ticks >= DAY_SECONDS * DATETIME_TICKS) throw pastMidnight(ticks);
    const next = writeDay(output, at, int32(input, start) + DAY_OF_1900);
    output.buffer[next] = BLANK;
    return writeTime(output, next + 1, Math.round((ticks * 10) / 3), 3, kept);
  };
}

/** smalldatetime: days since 1900 and minutes. */
export const writeSmallDateTime: ByteWriter = (input, start, _end, output, at) => {
  const words = int32(input, start);
  const next = writeDay(output, at, (words & 0xffff) + DAY_OF_1900);
  output.buffer[next] = BLANK;
  return writeTime(output, next + 1, (words >>> 16) * 60, 0, 0);
};

/**
 * datetimeoffset as local time and offset; digits beyond `kept` are cut off. The wire has the instant in UTC.
 * @param blank Between time and offset, as SQL Server prints it.
 */
export function datetimeoffsetWriter(scale: number, kept: number, blank: boolean): ByteWriter {
  const width = timeWidth(scale);
  const perMinute = 60 * (POWERS[scale] as number);
  const perDay = 24 * 60 * perMinute;
  return (input, start, _end, output, at) => {
    const offset = input.view.getInt16(start + width + 3, true);
    if (Math.abs(offset) > MAX_OFFSET_MINUTES)
      throw new RowFormatError(`an offset is beyond 14 hours: ${String(offset)} minutes`);
    const instant = count(input, start, width);
    if (instant >= perDay) throw pastMidnight(instant);
    const local = instant + offset * perMinute;
    const days = Math.floor(local / perDay);
    let next = writeDay(output, at, uint24(input, start + width) + days);
    output.buffer[next] = BLANK;
    next = writeTime(output, next + 1, local - days * perDay, scale, kept);
    if (blank) output.buffer[next++] = BLANK;
    const minutes = Math.abs(offset);
    output.buffer[next] = offset < 0 ? MINUS : PLUS;
    writeTwo(output, next + 1, (minutes / 60) | 0);
    output.buffer[next + 3] = COLON;
    writeTwo(output, next + 4, minutes % 60);
    return next + 6;
  };
}

function writeDay({ view }: Memory, at: number, day: number): number {
  const slot = day & (CACHE - 1);
  const from = slot * DAY_BYTES;
  if (cachedDays[slot] !== day) {
    if (day < 0 || day > LAST_DAY)
      throw new RowFormatError(`a date is outside the years 1 to 9999: day ${String(day)}`);
    fillDay(cachedTexts, from, day);
    cachedDays[slot] = day;
  }
  const text = cachedTexts.view;
  view.setInt32(at, text.getInt32(from, true), true);
  view.setInt32(at + 4, text.getInt32(from + 4, true), true);
  view.setInt16(at + 8, text.getInt16(from + 8, true), true);
  return at + DAY_BYTES;
}

// Counted from 1 March of year 0, so that leap days come last.
function fillDay(output: Memory, at: number, day: number): void {
  const shifted = day + 306;
  const era = (shifted / 146_097) | 0;
  const inEra = shifted - era * 146_097;
  const leaps = ((inEra / 1460) | 0) - ((inEra / 36_524) | 0) + ((inEra / 146_096) | 0);
  const yearOfEra = ((inEra - leaps) / 365) | 0;
  const inYear = inEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0));
  const fromMarch = ((5 * inYear + 2) / 153) | 0;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const century = (year / 100) | 0;
  writeTwo(output, at, century);
  writeTwo(output, at + 2, year - century * 100);
  output.buffer[at + 4] = MINUS;
  writeTwo(output, at + 5, month);
  output.buffer[at + 7] = MINUS;
  writeTwo(output, at + 8, inYear - (((153 * fromMarch + 2) / 5) | 0) + 1);
}

function writeTime(output: Memory, at: number, units: number, scale: number, kept: number): number {
  const power = POWERS[scale] as number;
  const second = Math.floor(units / power) | 0;
  if (second >= DAY_SECONDS) throw pastMidnight(units);
  const minute = (second / 60) | 0;
  output.view.setInt32(at, MINUTES.view.getInt32(minute * 8, true), true);
  output.view.setInt16(at + 4, MINUTES.view.getInt16(minute * 8 + 4, true), true);
  writeTwo(output, at + 6, second - minute * 60);
  const digits = kept < scale ? kept : scale;
  if (digits === 0) return at + 8;
  output.buffer[at + 8] = POINT;
  const fraction = units - second * power;
  const cut = kept < scale ? Math.floor(fraction / (POWERS[scale - kept] as number)) : fraction;
  fillDigits(output, at + 9, at + 9 + digits, cut);
  return at + 9 + digits;
}

function count(input: Memory, at: number, width: number): number {
  if (width === 3) return uint24(input, at);
  const low = input.view.getUint32(at, true);
  return width === 4 ? low : low + input.view.getUint8(at + 4) * 0x1_0000_0000;
}

function uint24({ view }: Memory, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

function pastMidnight(units: number): RowFormatError {
  return new RowFormatError(`a time is past midnight: ${String(units)}`);
}
