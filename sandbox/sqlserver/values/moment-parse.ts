import { DAY_1900, dayNumber, daysInMonth, roundTicks, TICKS_PER_SECOND, type DayTime } from "./calendar";

/** A moment read from text. */
export interface ParsedMoment extends DayTime {
  /** Minutes east of UTC, when the text said so. */
  readonly offset?: number;
}

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const TIME =
  /(?:^|[\sT])(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.:](\d{1,9}))?)?)?\s*([AaPp][Mm])?\s*(Z|[+-]\d{1,2}:\d{2})?\s*$/;
const ISO_DATE = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})/;
const COMPACT_DATE = /^\s*(\d{4})(\d{2})(\d{2})(?!\d)/;
const US_DATE = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})/;
const SLASHED = /^\s*(\d{4})[/.](\d{1,2})[/.](\d{1,2})/;
const NAMED = /^\s*([A-Za-z]{3,9})\s+(\d{1,2}),?\s+(\d{4})/;
const NAMED_DAY_FIRST = /^\s*(\d{1,2})\s+([A-Za-z]{3,9}),?\s+(\d{4})/;

/** Reads a date, a time or both; undefined when the text is neither. A missing date is 1900-01-01. */
export function parseMoment(text: string): ParsedMoment | undefined {
  if (text.trim() === "") return { days: DAY_1900, ticks: 0 };
  const date = readDate(text);
  if (date === undefined) return readTime(text, DAY_1900, true);
  const rest = text.slice(date.length);
  if (rest.trim() === "") return { days: date.days, ticks: 0 };
  return readTime(rest, date.days, false);
}

function readDate(text: string): { days: number; length: number } | undefined {
  const order: readonly (readonly [RegExp, number, number, number])[] = [
    [ISO_DATE, 1, 2, 3],
    [COMPACT_DATE, 1, 2, 3],
    [SLASHED, 1, 2, 3],
    [US_DATE, 3, 1, 2],
    [NAMED, 3, 1, 2],
    [NAMED_DAY_FIRST, 3, 2, 1],
  ];
  for (const [pattern, y, m, d] of order) {
    const match = pattern.exec(text);
    if (!match) continue;
    const [year, month, day] = [Number(match[y]), monthOf(match[m] ?? ""), Number(match[d])];
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
    return { days: dayNumber(year, month, day), length: match[0].length };
  }
  return undefined;
}

function monthOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : MONTHS.indexOf(text.slice(0, 3).toLowerCase()) + 1;
}

function readTime(text: string, days: number, alone: boolean): ParsedMoment | undefined {
  const match = TIME.exec(text);
  if (!match) return readZone(text, days);
  const [all, h = "0", m, s = "0", fraction = "", half, zone] = match;
  if (text.slice(0, text.length - all.length).trim() !== "" || (m === undefined && half === undefined))
    return undefined;
  if (alone && text.trim().length < 3) return undefined;
  const hour = half === undefined ? Number(h) : (Number(h) % 12) + (half.toLowerCase() === "pm" ? 12 : 0);
  if (hour > 23 || Number(m ?? 0) > 59 || Number(s) > 59) return undefined;
  const subsecond = Number(fraction.padEnd(9, "0").slice(0, 9)) / 100;
  const ticks = (hour * 3600 + Number(m ?? 0) * 60 + Number(s)) * TICKS_PER_SECOND + roundTicks(subsecond, 7);
  const offset = zone === undefined ? undefined : offsetOf(zone);
  if (zone !== undefined && offset === undefined) return undefined;
  return offset === undefined ? { days, ticks } : { days, ticks, offset };
}

/** A date directly followed by an offset. */
function readZone(text: string, days: number): ParsedMoment | undefined {
  const offset = offsetOf(text.trim());
  return offset === undefined ? undefined : { days, ticks: 0, offset };
}

/** Minutes of `Z` or `+05:30`; undefined when out of range. */
export function offsetOf(text: string): number | undefined {
  if (text === "Z") return 0;
  const match = /^([+-])(\d{1,2}):(\d{2})$/.exec(text);
  if (!match) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  if (minutes > 840 || Number(match[3]) > 59) return undefined;
  return match[1] === "-" ? -minutes : minutes;
}
