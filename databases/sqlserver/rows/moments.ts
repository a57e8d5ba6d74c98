import { RowFormatError } from "./row-format-error";

const LAST_DAY = 3_652_058;
/** Days from 0001-01-01 to 1900-01-01, where datetime begins. */
const DAY_OF_1900 = 693_595;
const DAY_SECONDS = 86_400;
const DATETIME_TICKS = 300;
const MAX_OFFSET_MINUTES = 14 * 60;
const TWO = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0"));
const POWERS = Array.from({ length: 8 }, (_, digits) => 10 ** digits);

// Neighbouring rows have neighbouring dates.
const CACHE = 1024;
const NO_DAY = -0x8000_0000;
const cachedDays = new Int32Array(CACHE).fill(NO_DAY);
const cachedTexts = new Array<string>(CACHE).fill("");

/** `YYYY-MM-DD` of days since 0001-01-01. */
export function dayText(day: number): string {
  const slot = day & (CACHE - 1);
  if (cachedDays[slot] === day) return cachedTexts[slot] ?? "";
  if (day < 0 || day > LAST_DAY) throw new RowFormatError(`a date is outside the years 1 to 9999: day ${String(day)}`);
  const text = civil(day);
  cachedDays[slot] = day;
  cachedTexts[slot] = text;
  return text;
}

// Counted from 1 March of year 0, so that leap days come last.
function civil(day: number): string {
  const shifted = day + 306;
  const era = Math.floor(shifted / 146_097);
  const inEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365,
  );
  const inYear = inEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * inYear + 2) / 153);
  const dayOfMonth = inYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, "0")}-${TWO[month] ?? ""}-${TWO[dayOfMonth] ?? ""}`;
}

/** `hh:mm:ss.fffffff` with `scale` digits of a count of 10^-scale seconds since midnight. */
export function timeText(count: number, scale: number): string {
  const power = POWERS[scale] ?? 1;
  const second = Math.floor(count / power);
  if (second >= DAY_SECONDS) throw new RowFormatError(`a time is past midnight: ${String(count)}`);
  const minute = Math.floor(second / 60);
  const text = `${TWO[Math.floor(minute / 60)] ?? ""}:${TWO[minute % 60] ?? ""}:${TWO[second % 60] ?? ""}`;
  return scale === 0 ? text : `${text}.${String(count - second * power).padStart(scale, "0")}`;
}

/** datetime: days since 1900 and 1/300 seconds, as SQL Server prints them: rounded to milliseconds. */
export function datetimeText(days: number, ticks: number): string {
  if (ticks >= DAY_SECONDS * DATETIME_TICKS) throw new RowFormatError(`a time is past midnight: ${String(ticks)}`);
  return `${dayText(days + DAY_OF_1900)} ${timeText(Math.round((ticks * 10) / 3), 3)}`;
}

/** smalldatetime: days since 1900 and minutes. */
export function smalldatetimeText(days: number, minutes: number): string {
  return `${dayText(days + DAY_OF_1900)} ${timeText(minutes * 60, 0)}`;
}

/** datetimeoffset: the wire has the instant in UTC and the offset; the text has local time and the offset. */
export function datetimeoffsetText(day: number, count: number, scale: number, offset: number): string {
  if (Math.abs(offset) > MAX_OFFSET_MINUTES)
    throw new RowFormatError(`an offset is beyond 14 hours: ${String(offset)} minutes`);
  const perDay = DAY_SECONDS * (POWERS[scale] ?? 1);
  if (count >= perDay) throw new RowFormatError(`a time is past midnight: ${String(count)}`);
  const local = count + offset * 60 * (POWERS[scale] ?? 1);
  const days = Math.floor(local / perDay);
  const minutes = Math.abs(offset);
  const zone = `${offset < 0 ? "-" : "+"}${TWO[Math.floor(minutes / 60)] ?? ""}:${TWO[minutes % 60] ?? ""}`;
  return `${dayText(day + days)} ${timeText(local - days * perDay, scale)} ${zone}`;
}
