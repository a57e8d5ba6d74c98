import { sqlError, unsupported } from "../errors";
import { hashOf, sortComparerOf } from "../values/compare";
import { converterOf } from "../values/convert";
import { fitDecimal, fitInteger } from "../values/to-number";
import { decimal, decimalShape, familyOf, isUnicode, MAX, T, typeOf, type SqlType } from "../values/sql-type";
import { as, type Value } from "../values/value";
import type { Expr } from "../parse/ast";
import type { Compiled, Frame } from "./compiled";
import { coerce } from "./operators";

/** Sums up the rows of one group. */
export interface Accumulator {
  add(frame: Frame): void;
  result(): Value;
}

/** An aggregate: its type, and a fresh accumulator for each group. */
export interface Aggregate {
  readonly type: SqlType;
  start(): Accumulator;
}

type Call = Extract<Expr, { kind: "call" }>;
type Order = readonly { readonly value: Compiled; readonly descending: boolean }[];

const NAMES = new Set([
  "COUNT",
  "COUNT_BIG",
  "SUM",
  "AVG",
  "MIN",
  "MAX",
  "STRING_AGG",
  "CHECKSUM_AGG",
  "STDEV",
  "STDEVP",
  "VAR",
  "VARP",
  "APPROX_COUNT_DISTINCT",
]);

/** True for calls of aggregates, by name. */
export function isAggregate(call: Call): boolean {
  return call.name.length === 1 && NAMES.has((call.name[0] ?? "").toUpperCase());
}

/** The aggregate of a call. Throws for those that aren't written here. */
export function makeAggregate(call: Call, args: readonly Compiled[], order: Order): Aggregate {
  const name = (call.name[0] ?? "").toUpperCase();
  const [argument] = args;
  if (name === "COUNT" || name === "COUNT_BIG") return count(name === "COUNT" ? T.int : T.bigint, call, argument);
  if (!argument) throw sqlError(174, name.toLowerCase(), 1);
  switch (name) {
    case "SUM":
      return summing(argument, call.distinct, sumType(argument.type), false);
    case "AVG":
      return summing(argument, call.distinct, averageType(argument.type), true);
    case "MIN":
      return extreme(argument, -1);
    case "MAX":
      return extreme(argument, 1);
    case "STRING_AGG":
      return joined(argument, args[1], order);
    default:
      throw unsupported(`the aggregate ${name}`);
  }
}

/** Passes each different value once. */
function distinctly(argument: Compiled, distinct: boolean): () => (frame: Frame) => Value {
  if (!distinct) return () => argument.run;
  const hash = hashOf(argument.type);
  return () => {
    const seen = new Set<string>();
    return (frame) => {
      const value = argument.run(frame);
      if (value === null) return null;
      const key = hash(value);
      if (seen.has(key)) return null;
      seen.add(key);
      return value;
    };
  };
}

function count(type: SqlType, call: Call, argument: Compiled | undefined): Aggregate {
  if (!call.star && !argument) throw sqlError(174, "count", 1);
  const read = argument && distinctly(argument, call.distinct);
  return {
    type,
    start: () => {
      let rows = 0;
      const next = read?.();
      return {
        add: (frame) => {
          if (!next || next(frame) !== null) rows++;
        },
        result: () => (type.name === "bigint" ? BigInt(rows) : rows),
      };
    },
  };
}

function sumType(type: SqlType): SqlType {
  switch (familyOf(type)) {
    case "integer":
      if (type.name === "bit") throw sqlError(8117, "bit", "sum");
      return type.name === "bigint" ? T.bigint : T.int;
    case "decimal":
      return type.name === "money" || type.name === "smallmoney" ? T.money : decimal(38, type.scale);
    case "float":
      return T.float;
    default:
      throw sqlError(8117, type.name, "sum");
  }
}

function averageType(type: SqlType): SqlType {
  if (familyOf(type) === "decimal" && type.name !== "money" && type.name !== "smallmoney") {
    return decimal(38, Math.max(type.scale, 6));
  }
  return sumType(type);
}

function summing(argument: Compiled, distinct: boolean, type: SqlType, average: boolean): Aggregate {
  const read = distinctly(argument, distinct);
  const isFloat = type.name === "float";
  const lift = 10n ** BigInt(decimalShape(type).scale - decimalShape(argument.type).scale);
  return {
    type,
    start: () => {
      const next = read();
      let rows = 0n;
      let exact = 0n;
      let float = 0;
      return {
        add: (frame) => {
          const value = next(frame);
          if (value === null) return;
          rows++;
          if (isFloat) float += as.number(value);
          else exact += BigInt(value as number | bigint);
        },
        result: () => {
          if (rows === 0n) return null;
          if (isFloat) return average ? float / Number(rows) : float;
          const total = average ? (exact * lift) / rows : exact * lift;
          return familyOf(type) === "integer" ? fitInteger(total, T.int, type) : fitDecimal(total, type, type);
        },
      };
    },
  };
}

function extreme(argument: Compiled, direction: 1 | -1): Aggregate {
  if (argument.type.name === "bit") throw sqlError(8117, "bit", direction < 0 ? "min" : "max");
  const compare = sortComparerOf(argument.type);
  return {
    type: argument.type,
    start: () => {
      let best: Value = null;
      return {
        add: (frame) => {
          const value = argument.run(frame);
          if (value !== null && (best === null || compare(value, best) * direction > 0)) best = value;
        },
        result: () => best,
      };
    },
  };
}

function joined(argument: Compiled, separator: Compiled | undefined, order: Order): Aggregate {
  if (!separator) throw sqlError(174, "string_agg", 2);
  const wide = isUnicode(argument.type) || familyOf(argument.type) !== "text";
  const type = typeOf(wide ? "nvarchar" : "varchar", argument.type.length === MAX ? MAX : wide ? 4000 : 8000);
  const text = coerce(argument, typeOf(type.name, MAX));
  const keys = order.map(({ value, descending }) => ({ value, descending, compare: sortComparerOf(value.type) }));
  const convert = converterOf(separator.type, T.nvarcharMax);
  return {
    type,
    start: () => {
      const parts: { text: string; keys: Value[] }[] = [];
      let between = "";
      return {
        add: (frame) => {
          const value = text.run(frame);
          const glue = separator.run(frame);
          between = glue === null ? "" : as.text(convert(glue));
          if (value !== null) parts.push({ text: as.text(value), keys: keys.map(({ value: key }) => key.run(frame)) });
        },
        result: () => {
          if (parts.length === 0) return null;
          const sorted = [...parts].sort((a, b) => {
            for (const [i, { compare, descending }] of keys.entries()) {
              const difference = compare(a.keys[i] ?? null, b.keys[i] ?? null);
              if (difference !== 0) return descending ? -difference : difference;
            }
            return 0;
          });
          return sorted.map((part) => part.text).join(between);
        },
      };
    },
  };
}
