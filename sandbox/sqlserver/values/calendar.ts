/** 100 ns ticks of a second and of a day. */
export const TICKS_PER_SECOND = 10_000_000;
export const TICKS_PER_DAY = 864_000_000_000;

/** 1/300 s of a day: the grain of datetime. */
export const DATETIME_PER_DAY = 25_920_000;

/** Days from 0001-01-01 to 1900-01-01, to 1753-01-01 and to 1970-01-01. */
export const DAY_1900 = 693_595;
export const DAY_1753 = 639_905;
export const DAY_1970 = 719_162;

/** The last day, 9999-12-31. */
export const LAST_DAY = 3_652_058;

/** A day of the proleptic Gregorian calendar. */
export interface CivilDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Days since 0001-01-01. The month may lie outside 1 to 12. */
export function dayNumber(year: number, month: number, day: number): number {
  const shifted = year + Math.floor((month - 1) / 12);
  const inYear = ((((month - 1) % 12) + 12) % 12) + 1;
  const y = inYear <= 2 ? shifted - 1 : shifted;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (inYear + (inYear > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 306;
}

/** The calendar day of a day number. */
export function civilDay(days: number): CivilDay {
  const z = days + 306;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return { year: yoe + era * 400 + (month <= 2 ? 1 : 0), month, day: doy - Math.floor((153 * mp + 2) / 5) + 1 };
}

/** Days of that month. */
export function daysInMonth(year: number, month: number): number {
  return dayNumber(year, month + 1, 1) - dayNumber(year, month, 1);
}

/** Whole days and the ticks after midnight. */
export interface DayTime {
  readonly days: number;
  readonly ticks: number;
}

/** Splits ticks since 0001-01-01. */
export function splitTicks(ticks: bigint): DayTime {
  const perDay = BigInt(TICKS_PER_DAY);
  let days = ticks / perDay;
  if (ticks < days * perDay) days -= 1n;
  return { days: Number(days), ticks: Number(ticks - days * perDay) };
}

/** Ticks since 0001-01-01. */
export function joinTicks({ days, ticks }: DayTime): bigint {
  return BigInt(days) * BigInt(TICKS_PER_DAY) + BigInt(ticks);
}

/** Rounds ticks to a scale of 0 to 7 digits after the second. May reach a whole day. */
export function roundTicks(ticks: number, scale: number): number {
  const grain = 10 ** (7 - scale);
  return Math.floor(ticks / grain + 0.5) * grain;
}

/** The stored form of datetime: 1/300 s since 1900-01-01, rounded. */
export function toDatetime({ days, ticks }: DayTime): number {
  return (days - DAY_1900) * DATETIME_PER_DAY + Math.round((ticks * 3) / 100_000);
}

/** Day and ticks of a stored datetime; ticks in whole milliseconds, as SQL Server shows them. */
export function fromDatetime(value: number): DayTime {
  const days = Math.floor(value / DATETIME_PER_DAY);
  const rest = value - days * DATETIME_PER_DAY;
  return { days: days + DAY_1900, ticks: Math.round((rest * 10) / 3) * 10_000 };
}

/** Ticks since 0001-01-01 of a moment of this machine's clock, in UTC. */
export function ticksOfDate(date: Date): bigint {
  return BigInt(date.getTime()) * 10_000n + BigInt(DAY_1970) * BigInt(TICKS_PER_DAY);
}
