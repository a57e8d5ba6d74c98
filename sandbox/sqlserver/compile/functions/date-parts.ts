import { sqlError, unsupported } from "../../errors";
import {
  civilDay,
  dayNumber,
  daysInMonth,
  joinTicks,
  splitTicks,
  TICKS_PER_DAY,
  TICKS_PER_SECOND,
  type DayTime,
} from "../../values/calendar";

/** Parts of a date by all their names. */
export const PARTS: Readonly<Record<string, string>> = {
  year: "year",
  yy: "year",
  yyyy: "year",
  quarter: "quarter",
  qq: "quarter",
  q: "quarter",
  month: "month",
  mm: "month",
  m: "month",
  dayofyear: "dayofyear",
  dy: "dayofyear",
  y: "dayofyear",
  day: "day",
  dd: "day",
  d: "day",
  week: "week",
  wk: "week",
  ww: "week",
  weekday: "weekday",
  dw: "weekday",
  w: "weekday",
  hour: "hour",
  hh: "hour",
  minute: "minute",
  mi: "minute",
  n: "minute",
  second: "second",
  ss: "second",
  s: "second",
  millisecond: "millisecond",
  ms: "millisecond",
  microsecond: "microsecond",
  mcs: "microsecond",
  nanosecond: "nanosecond",
  ns: "nanosecond",
  tzoffset: "tzoffset",
  tz: "tzoffset",
};

/** 100 ns ticks of the parts that are a fixed time. */
const TICKS: Readonly<Record<string, bigint>> = {
  dayofyear: BigInt(TICKS_PER_DAY),
  day: BigInt(TICKS_PER_DAY),
  weekday: BigInt(TICKS_PER_DAY),
  week: BigInt(TICKS_PER_DAY) * 7n,
  hour: 36_000_000_000n,
  minute: 600_000_000n,
  second: 10_000_000n,
  millisecond: 10_000n,
  microsecond: 10n,
};

/** Moves a moment by so many of a part. Throws 9810 for a part that has no length. */
export function addTo(part: string, count: bigint, ticks: bigint): bigint {
  const unit = TICKS[part];
  if (unit !== undefined) return ticks + unit * count;
  if (part === "nanosecond") return ticks + count / 100n;
  const months = { year: 12, quarter: 3, month: 1 }[part as "year"] as number | undefined;
  if (months === undefined) throw sqlError(9810, part, "dateadd");
  const { days, ticks: time } = splitTicks(ticks);
  const { year, month, day } = civilDay(days);
  const target = month + Number(count) * months;
  const lastDay = daysInMonth(year, target);
  return joinTicks({ days: dayNumber(year, target, Math.min(day, lastDay)), ticks: time });
}

/** Boundaries of the part that lie between the two. */
export function difference(part: string, from: bigint, to: bigint): bigint {
  const [a, b] = [splitTicks(from), splitTicks(to)];
  const [x, y] = [civilDay(a.days), civilDay(b.days)];
  switch (part) {
    case "year":
      return BigInt(y.year - x.year);
    case "quarter":
      return BigInt((y.year - x.year) * 4 + Math.floor((y.month - 1) / 3) - Math.floor((x.month - 1) / 3));
    case "month":
      return BigInt((y.year - x.year) * 12 + y.month - x.month);
    case "week":
      // Weeks begin on Sunday, whatever DATEFIRST says; day 0 was a Monday.
      return BigInt(Math.floor((b.days + 1) / 7) - Math.floor((a.days + 1) / 7));
    case "nanosecond":
      return (to - from) * 100n;
    default: {
      const unit = TICKS[part];
      if (unit === undefined) throw sqlError(9810, part, "datediff");
      return to / unit - from / unit;
    }
  }
}

/** The part of a moment as a number. */
export function readPart(part: string, value: DayTime, dateFirst: number): number {
  const { year, month, day } = civilDay(value.days);
  const seconds = Math.floor(value.ticks / TICKS_PER_SECOND);
  const rest = value.ticks % TICKS_PER_SECOND;
  const dayOfYear = value.days - dayNumber(year, 1, 1) + 1;
  const weekday = (days: number) => ((((days + 1 - dateFirst) % 7) + 7) % 7) + 1;
  const parts: Readonly<Record<string, number>> = {
    year,
    quarter: Math.ceil(month / 3),
    month,
    day,
    dayofyear: dayOfYear,
    weekday: weekday(value.days),
    week: Math.floor((dayOfYear + weekday(dayNumber(year, 1, 1)) - 2) / 7) + 1,
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    millisecond: Math.floor(rest / 10_000),
    microsecond: Math.floor(rest / 10),
    nanosecond: rest * 100,
  };
  const found = parts[part];
  if (found === undefined) throw unsupported(`DATEPART of ${part}`);
  return found;
}
