import type { Codec } from "./codec";

const DATE = "([0-9]{4})-([0-9]{2})-([0-9]{2})";
const TIME = "([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\\.([0-9]{1,9}))?)?";
const DATE_ONLY = new RegExp(`^${DATE}(?:[ T]00:00(?::00(?:\\.0*)?)?)?$`);
const TIME_ONLY = new RegExp(`^${TIME}$`);
const TIMESTAMP = new RegExp(`^${DATE}(?:[ T]${TIME})?Z?$`);
const TIMESTAMP_TZ = new RegExp(`^${DATE}(?:[ T]${TIME})? ?(Z|[+-][0-9]{2}:?[0-9]{2})?$`);
// Nearly every value: nothing to check further, nothing to cut. Days 29 to 31 take the long way.
const PLAIN_DATE = "(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])";
const PLAIN_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]";
const PLAIN_DATE_ONLY = new RegExp(`^${PLAIN_DATE}$`);
const MAX_OFFSET_MINUTES = 14 * 60;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
/** Digits of a fraction of a second that PostgreSQL keeps at most. */
const MICROSECOND_DIGITS = 6;

/** `date`: `YYYY-MM-DD`, years 1 to 9999; a time part only when it is midnight, so nothing is lost. */
export const dateCodec: Codec = {
  encode(text) {
    if (PLAIN_DATE_ONLY.test(text)) return text;
    const match = DATE_ONLY.exec(text);
    return match !== null && isDate(match) ? text.slice(0, 10) : undefined;
  },
  explain: () => "is not a date (YYYY-MM-DD, years 0001 to 9999)",
};

/** `time(n)`: digits beyond n are cut off. */
export function timeCodec(digits = MICROSECOND_DIGITS): Codec {
  return {
    encode(text) {
      const match = TIME_ONLY.exec(text);
      return match !== null && isTime(match, 1) ? cut(text, match[4], digits) : undefined;
    },
    explain: () => "is not a time (hh:mm:ss.fffffff)",
    canonical: canonicalFraction,
  };
}

/**
 * `timestamp(n)`. Digits of the second beyond n are cut off, not rounded as PostgreSQL would: a rounded
 * `9999-12-31 23:59:59.9999999`, SQL Server's "for ever", would be the year 10000, and an event would move into the
 * future. A time zone is refused, since PostgreSQL would drop it silently.
 */
export function timestampCodec(digits = MICROSECOND_DIGITS): Codec {
  const plain = new RegExp(`^${PLAIN_DATE}[ T]${PLAIN_TIME}(?:\\.[0-9]{1,${String(Math.max(1, digits))}})?$`);
  return {
    encode(text) {
      if (digits > 0 && plain.test(text)) return text;
      const match = TIMESTAMP.exec(text);
      return match !== null && isDate(match) && isTime(match, 4) ? cut(text, match[7], digits) : undefined;
    },
    explain: (text) =>
      TIMESTAMP_TZ.test(text) && !TIMESTAMP.test(text)
        ? "has a time zone, which a timestamp column cannot hold"
        : "is not a date and time (YYYY-MM-DD hh:mm:ss.fffffff)",
    canonical: (copyText) => canonicalFraction(copyText.replace("T", " ").replace(/Z$/, "")),
  };
}

/** `timestamptz(n)` from a datetimeoffset; the instant is kept. A text without an offset is UTC. */
export function timestamptzCodec(digits = MICROSECOND_DIGITS): Codec {
  return {
    encode(text) {
      const match = TIMESTAMP_TZ.exec(text);
      if (match === null || !isDate(match) || !isTime(match, 4) || !isOffset(match[8])) return undefined;
      const local = cut(match[8] === undefined ? text : text.slice(0, -match[8].length).trimEnd(), match[7], digits);
      return `${local}${match[8] === undefined || match[8] === "Z" ? "+00:00" : match[8]}`;
    },
    explain: () => "is not a date and time with an offset (YYYY-MM-DD hh:mm:ss.fffffff +hh:mm)",
    canonical: canonicalInstant,
  };
}

function isDate(match: RegExpExecArray): boolean {
  const year = Number(match[1]);
  const month = Number(match[2]);
  const day = Number(match[3]);
  if (year === 0 || day === 0 || day > (DAYS[month - 1] ?? 0)) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

// `first` is the group of the hour; no groups at all is midnight.
function isTime(match: RegExpExecArray, first: number): boolean {
  return Number(match[first] ?? 0) < 24 && Number(match[first + 1] ?? 0) < 60 && Number(match[first + 2] ?? 0) < 60;
}

function isOffset(offset: string | undefined): boolean {
  if (offset === undefined || offset === "Z") return true;
  const minutes = Number(offset.slice(-2));
  return minutes < 60 && Number(offset.slice(1, 3)) * 60 + minutes <= MAX_OFFSET_MINUTES;
}

// The fraction is the last group of digits before a possible Z.
function cut(text: string, fraction: string | undefined, digits: number): string {
  if (fraction === undefined || fraction.length <= digits) return text;
  const start = text.lastIndexOf(".");
  return digits === 0 ? text.slice(0, start) : text.slice(0, start + 1 + digits);
}

function canonicalFraction(copyText: string): string {
  const full = /(?:^| )[0-9]{2}:[0-9]{2}$/.test(copyText) ? `${copyText}:00` : copyText;
  const timed = full.length === 10 && full.includes("-") ? `${full} 00:00:00` : full;
  return timed.includes(".") ? timed.replace(/\.?0+$/, "") : timed;
}

function canonicalInstant(copyText: string): string {
  const match = TIMESTAMP_TZ.exec(copyText);
  if (match === null) return copyText;
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", offset = "Z"] = match;
  const zone = offset === "Z" ? "Z" : `${offset.slice(0, 3)}:${offset.slice(-2)}`;
  const instant = Date.parse(`${String(year)}-${String(month)}-${String(day)}T${hour}:${minute}:${second}${zone}`);
  return `${String(instant)}.${fraction.replace(/0+$/, "")}`;
}
