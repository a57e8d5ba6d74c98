import { sqlError } from "../errors";
import {
  DATETIME_PER_DAY,
  DAY_1753,
  DAY_1900,
  joinTicks,
  LAST_DAY,
  roundTicks,
  splitTicks,
  TICKS_PER_DAY,
  TICKS_PER_SECOND,
  toDatetime,
  type DayTime,
} from "./calendar";
import { parseMoment } from "./moment-parse";
import { dayTimeOf } from "./to-text";
import { familyOf, type SqlType } from "./sql-type";
import { as, type Value } from "./value";

type Convert = (value: Value) => Value;

interface Moment extends DayTime {
  readonly offset: number;
}

/** Conversions to the date and time types. */
export function toMoment(from: SqlType, to: SqlType, _style: number): Convert {
  const read = readerOf(from, to);
  return (value) => store(read(value), from, to);
}

function readerOf(from: SqlType, to: SqlType): (value: Value) => Moment {
  switch (familyOf(from)) {
    case "text":
      return (value) => ofText(as.text(value), from, to);
    case "time":
      return (value) => ofMoment(value, from);
    case "integer":
    case "decimal":
    case "float":
      if (to.name !== "datetime" && to.name !== "smalldatetime") throw sqlError(529, from.name, to.name);
      return (value) => ofNumber(Number(value) / 10 ** from.scale);
    default:
      throw sqlError(529, from.name, to.name);
  }
}

function ofText(text: string, from: SqlType, to: SqlType): Moment {
  const parsed = parseMoment(text);
  if (!parsed) throw sqlError(241);
  const old = to.name === "datetime" || to.name === "smalldatetime";
  // The old types know neither offsets nor more than three digits.
  if (
    old &&
    (parsed.offset !== undefined || (/[.:]\d{4,}\s*(?:[AaPp][Mm])?\s*$/.test(text) && /\.\d{4,}/.test(text)))
  ) {
    throw sqlError(241);
  }
  const offset = parsed.offset ?? 0;
  if (parsed.days < DAY_1753 && to.name === "datetime") throw sqlError(242, from.name, to.name);
  return { days: parsed.days, ticks: parsed.ticks, offset };
}

/** The local moment and its offset. */
function ofMoment(value: Value, from: SqlType): Moment {
  if (from.name === "datetime") {
    // To other types the thirds of a millisecond count.
    const raw = as.number(value);
    const days = Math.floor(raw / DATETIME_PER_DAY);
    return { days: days + DAY_1900, ticks: Math.round(((raw - days * DATETIME_PER_DAY) * 100_000) / 3), offset: 0 };
  }
  if (from.name !== "datetimeoffset") return { ...dayTimeOf(value, from), offset: 0 };
  const { ticks, offset } = as.moment(value);
  return { ...splitTicks(ticks + offsetTicks(offset)), offset };
}

const offsetTicks = (minutes: number) => BigInt(minutes) * 60n * BigInt(TICKS_PER_SECOND);

function ofNumber(value: number): Moment {
  const days = Math.floor(value);
  return { days: days + DAY_1900, ticks: Math.round((value - days) * 86_400_000) * 10_000, offset: 0 };
}

function store(moment: Moment, from: SqlType, to: SqlType): Value {
  switch (to.name) {
    case "date":
      return moment.days;
    case "time": {
      const ticks = roundTicks(moment.ticks, to.scale);
      return ticks >= TICKS_PER_DAY ? 0 : ticks;
    }
    case "datetime":
      return inRange(toDatetime(moment), DAY_1753, DATETIME_PER_DAY, from, to);
    case "smalldatetime": {
      const minutes = Math.floor(moment.ticks / TICKS_PER_SECOND / 60 + 0.5 + 1e-9);
      const value = (moment.days - DAY_1900) * 1440 + minutes;
      if (value < 0 || value >= 65_536 * 1440) throw sqlError(242, from.name, to.name);
      return value;
    }
    case "datetimeoffset": {
      const ticks = rounded(moment, to.scale, from, to);
      return { ticks: ticks - offsetTicks(moment.offset), offset: moment.offset };
    }
    default:
      return rounded(moment, to.scale, from, to);
  }
}

function rounded(moment: Moment, scale: number, from: SqlType, to: SqlType): bigint {
  const ticks = joinTicks({ days: moment.days, ticks: roundTicks(moment.ticks, scale) });
  if (ticks < 0n || ticks >= BigInt(LAST_DAY + 1) * BigInt(TICKS_PER_DAY)) throw sqlError(242, from.name, to.name);
  return ticks;
}

function inRange(value: number, firstDay: number, perDay: number, from: SqlType, to: SqlType): number {
  const days = Math.floor(value / perDay) + DAY_1900;
  if (days < firstDay || days > LAST_DAY) throw sqlError(242, from.name, to.name);
  return value;
}
