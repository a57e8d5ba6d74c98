import { sqlError } from "../../errors";
import {
  civilDay,
  DAY_1900,
  dayNumber,
  daysInMonth,
  joinTicks,
  splitTicks,
  TICKS_PER_SECOND,
} from "../../values/calendar";
import { converterOf } from "../../values/convert";
import { offsetOf, parseMoment } from "../../values/moment-parse";
import { familyOf, nvarchar, T, type SqlType } from "../../values/sql-type";
import { as, type Value } from "../../values/value";
import type { Compiled } from "../compiled";
import type { Context } from "../context";
import { coerce } from "../operators";
import { addTo, difference, PARTS, readPart } from "./date-parts";
import { reading, scalar, type FunctionSpec, type FunctionTable } from "./builder";

const PRECISE = T.datetime2;

function partOf(operand: Compiled | undefined, names: readonly string[]): string {
  const part = PARTS[(names[0] ?? "").toLowerCase()];
  if (part === undefined || !operand) throw sqlError(155, names[0] ?? "", "datepart");
  return part;
}

/** The argument as a precise moment; a text is read as one. */
function moment(operand: Compiled): Compiled {
  if (operand.type.name === "datetimeoffset") return coerce(operand, PRECISE);
  return familyOf(operand.type) === "time"
    ? coerce(operand, PRECISE)
    : coerce(coerce(operand, familyOf(operand.type) === "text" ? PRECISE : T.datetime), PRECISE);
}

const dateAdd = (part: string): FunctionSpec => ({
  min: 2,
  max: 2,
  build: ([count, operand]) => {
    if (!count || !operand) throw new Error("no argument");
    const type = familyOf(operand.type) === "time" ? operand.type : T.datetime;
    const [number, source] = [coerce(count, T.bigint), coerce(operand, type)];
    const [lift, lower] = [converterOf(type, PRECISE), converterOf(PRECISE, type)];
    const apply = (value: Value, by: bigint): Value => {
      if (type.name === "datetimeoffset") {
        const { ticks, offset } = as.moment(value);
        return { ticks: addTo(part, by, ticks), offset };
      }
      const raised = addTo(part, by, as.bigint(lift(value)));
      if (raised < 0n || raised > 3_155_378_975_999_999_999n) throw sqlError(517, type.name);
      return lower(raised);
    };
    return {
      type,
      nullable: true,
      ...(number.constant && source.constant && { constant: true }),
      run: (frame) => {
        const [by, value] = [number.run(frame), source.run(frame)];
        return by === null || value === null ? null : apply(value, as.bigint(by));
      },
    };
  },
});

const dateDiff = (part: string, big: boolean): FunctionSpec => ({
  min: 2,
  max: 2,
  build: ([from, to]) => {
    if (!from || !to) throw new Error("no argument");
    const [a, b] = [moment(utc(from)), moment(utc(to))];
    return {
      type: big ? T.bigint : T.int,
      nullable: true,
      run: (frame) => {
        const [x, y] = [a.run(frame), b.run(frame)];
        if (x === null || y === null) return null;
        const result = difference(part, as.bigint(x), as.bigint(y));
        if (big) return result;
        if (result > 2_147_483_647n || result < -2_147_483_648n) throw sqlError(535);
        return Number(result);
      },
    };
  },
});

/** Differences are between moments, wherever they were. */
function utc(operand: Compiled): Compiled {
  if (operand.type.name !== "datetimeoffset") return operand;
  return {
    ...operand,
    type: PRECISE,
    run: (frame) => {
      const value = operand.run(frame);
      return value === null ? null : as.moment(value).ticks;
    },
  };
}

const datePart = (part: string): FunctionSpec => ({
  min: 1,
  max: 1,
  build: ([operand], context) => {
    if (!operand) throw new Error("no argument");
    if (part === "tzoffset")
      return coerce(
        { ...operand, type: T.int, run: (frame) => offsetOfValue(operand.run(frame), operand.type) },
        T.int,
      );
    const source = moment(operand);
    return {
      type: T.int,
      nullable: true,
      run: (frame) => {
        const value = source.run(frame);
        return value === null ? null : readPart(part, splitTicks(as.bigint(value)), context.session.options.dateFirst);
      },
    };
  },
});

function offsetOfValue(value: Value, type: SqlType): Value {
  if (value === null) return null;
  return type.name === "datetimeoffset" ? as.moment(value).offset : 0;
}

const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

const dateName = (part: string): FunctionSpec => ({
  min: 1,
  max: 1,
  build: ([operand], context) => {
    if (!operand) throw new Error("no argument");
    const source = moment(operand);
    return {
      type: nvarchar(30),
      nullable: true,
      run: (frame) => {
        const value = source.run(frame);
        if (value === null) return null;
        const split = splitTicks(as.bigint(value));
        if (part === "month") return MONTHS[civilDay(split.days).month - 1] ?? null;
        if (part === "weekday") return DAYS[(split.days + 1) % 7] ?? null;
        return String(readPart(part, split, context.session.options.dateFirst));
      },
    };
  },
});

const WITH_PART: Readonly<Record<string, (part: string) => FunctionSpec>> = {
  DATEADD: dateAdd,
  DATEDIFF: (part) => dateDiff(part, false),
  DATEDIFF_BIG: (part) => dateDiff(part, true),
  DATEPART: datePart,
  DATENAME: dateName,
};

/** The function whose first argument is the part of a date; undefined when it is another function. */
export function functionOfPart(name: string, partWord: readonly string[]): FunctionSpec | undefined {
  const make = WITH_PART[name];
  return make?.(partOf({ type: T.int, nullable: true, run: () => null }, partWord));
}

const nowAs = (type: SqlType) => reading(type, (context: Context) => converterOf(PRECISE, type)(context.now));

const ofParts = (type: SqlType, count: number, work: (parts: readonly number[]) => Value) =>
  scalar(
    Array.from({ length: count }, () => T.int),
    type,
    (values) => work(values.map(Number)),
  );

function checkedDay(year = 0, month = 0, day = 0): number {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month))
    throw sqlError(289, "date");
  return dayNumber(year, month, day);
}

/** Functions of dates and times. The server's time zone is UTC. */
export const MOMENT_FUNCTIONS: FunctionTable = {
  GETDATE: nowAs(T.datetime),
  GETUTCDATE: nowAs(T.datetime),
  CURRENT_TIMESTAMP: nowAs(T.datetime),
  SYSDATETIME: nowAs(T.datetime2),
  SYSUTCDATETIME: nowAs(T.datetime2),
  SYSDATETIMEOFFSET: nowAs(T.datetimeoffset),
  YEAR: datePart("year"),
  MONTH: datePart("month"),
  DAY: datePart("day"),
  EOMONTH: scalar(
    [T.date, T.int],
    T.date,
    ([days, months]) => {
      if (days === null || days === undefined) return null;
      const { year, month } = civilDay(as.number(days));
      return dayNumber(year, month + Number(months ?? 0) + 1, 1) - 1;
    },
    { min: 1, withNulls: true },
  ),
  DATEFROMPARTS: ofParts(T.date, 3, ([year, month, day]) => checkedDay(year, month, day)),
  DATETIME2FROMPARTS: ofParts(
    T.datetime2,
    8,
    ([year, month, day, hour = 0, minute = 0, second = 0, fraction = 0, scale = 7]) =>
      joinTicks({
        days: checkedDay(year, month, day),
        ticks: (hour * 3600 + minute * 60 + second) * TICKS_PER_SECOND + fraction * 10 ** (7 - scale),
      }),
  ),
  DATETIMEFROMPARTS: ofParts(T.datetime, 7, ([year, month, day, hour = 0, minute = 0, second = 0, milli = 0]) =>
    converterOf(
      PRECISE,
      T.datetime,
    )(
      joinTicks({
        days: checkedDay(year, month, day),
        ticks: (hour * 3600 + minute * 60 + second) * TICKS_PER_SECOND + milli * 10_000,
      }),
    ),
  ),
  SWITCHOFFSET: scalar([T.datetimeoffset, nvarchar(10)], T.datetimeoffset, ([value, zone]) => ({
    ticks: as.moment(value ?? null).ticks,
    offset: zoneOf(zone),
  })),
  TODATETIMEOFFSET: scalar([PRECISE, nvarchar(10)], T.datetimeoffset, ([value, zone]) => {
    const offset = zoneOf(zone);
    return { ticks: as.bigint(value ?? null) - BigInt(offset) * 600_000_000n, offset };
  }),
  ISDATE: scalar(
    [T.nvarcharMax],
    T.int,
    ([text]) => {
      const parsed = typeof text === "string" && text !== "" ? parseMoment(text) : undefined;
      return parsed && parsed.offset === undefined && parsed.days >= DAY_1900 - 53_690 ? 1 : 0;
    },
    { withNulls: true },
  ),
};

function zoneOf(zone: Value | undefined): number {
  const text = as.text(zone ?? "");
  const minutes = /^[+-]?\d+$/.test(text) && !text.includes(":") ? Number(text) : offsetOf(text);
  if (minutes === undefined) throw sqlError(9812);
  return minutes;
}
