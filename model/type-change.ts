import { BRIEF_LOCK, describeCheck, hazardWith, REWRITE, type Hazard, type StoredCheck } from "./hazard";
import { fractionDigits, parseSinkType, type SinkType } from "./sink-type";

/**
 * How PostgreSQL gets from one column type to another:
 * `in-place` changes the catalogue only, `rewrite` writes the table again without loss,
 * `narrowing` also needs {@link TypeChange.check} to hold, `impossible` has no conversion that keeps the meaning.
 */
export type TypeChangeKind = "same" | "in-place" | "rewrite" | "narrowing" | "impossible";

export interface TypeChange {
  readonly kind: TypeChangeKind;
  /** What must hold for the stored values first; only when narrowing. */
  readonly check?: StoredCheck;
  /** Types to cast through in a USING clause, in order; absent when PostgreSQL's own assignment cast does (it refuses instead of cutting). */
  readonly using?: readonly string[];
  /** Wall-clock values are read or written in this time zone: USING column AT TIME ZONE, after the casts of `using`. */
  readonly timeZone?: "UTC";
  readonly hazard: Hazard;
}

interface Step {
  readonly kind: Exclude<TypeChangeKind, "same">;
  readonly check?: StoredCheck;
  readonly using?: readonly string[];
  readonly timeZone?: "UTC";
}

const IN_PLACE: Step = { kind: "in-place" };
const REWRITTEN: Step = { kind: "rewrite" };
const IMPOSSIBLE: Step = { kind: "impossible" };
const ROUND_TRIP: Step = { kind: "narrowing", check: { kind: "round-trip" } };

/** Bytes of the integer types, and the digits of their largest value. */
const INTEGERS: Readonly<Record<string, { bytes: number; digits: number; min: string; max: string }>> = {
  smallint: { bytes: 2, digits: 5, min: "-32768", max: "32767" },
  integer: { bytes: 4, digits: 10, min: "-2147483648", max: "2147483647" },
  bigint: { bytes: 8, digits: 19, min: "-9223372036854775808", max: "9223372036854775807" },
};

/** Longest text of a value, in characters, for types whose text is bounded. */
const TEXT_LENGTH: Readonly<Record<string, number>> = {
  smallint: 6,
  integer: 11,
  bigint: 20,
  boolean: 5,
  uuid: 36,
};

/** What changing a column from one canonical type to another takes. */
export function classifyTypeChange(from: string, to: string): TypeChange {
  const [old, wanted] = [parseSinkType(from), parseSinkType(to)];
  if (old === undefined || wanted === undefined) return impossible(from, to);
  if (equal(old, wanted)) return { kind: "same", hazard: { lock: "none", rewrite: false, dataLoss: false } };
  const step = stepBetween(old, wanted);
  return step.kind === "impossible" ? impossible(from, to) : { ...step, hazard: hazardOf(step) };
}

function stepBetween(from: SinkType, to: SinkType): Step {
  const family = familyOf(from);
  if (family === "text") return fromText(from, to);
  if (familyOf(to) === "text") return toText(from, to);
  if (family === "number" && familyOf(to) === "number") return betweenNumbers(from, to);
  if (family === "instant" && familyOf(to) === "instant") return betweenInstants(from, to);
  if (from.name === "time" && to.name === "time") return fractions(from, to);
  if (from.name === "boolean" && INTEGERS[to.name] !== undefined)
    return { kind: "rewrite", using: ["integer", to.name] };
  if (INTEGERS[from.name] !== undefined && to.name === "boolean") return numberToBoolean();
  return IMPOSSIBLE;
}

type Family = "text" | "number" | "instant" | "other";

function familyOf({ name }: SinkType): Family {
  if (["varchar", "char", "text"].includes(name)) return "text";
  if (["numeric", "real", "double precision"].includes(name) || INTEGERS[name] !== undefined) return "number";
  return ["timestamp", "timestamptz", "date"].includes(name) ? "instant" : "other";
}

/** Characters that fit; Infinity when there is no limit. */
function room(type: SinkType): number {
  return type.name === "text" ? Infinity : (type.parameters[0] ?? Infinity);
}

function fromText(from: SinkType, to: SinkType): Step {
  if (familyOf(to) !== "text") return parsed(to);
  const fits = room(to) >= room(from);
  if (!fits) return { kind: "narrowing", check: { kind: "max-length", characters: room(to) } };
  return from.name === "char" || to.name === "char" ? REWRITTEN : IN_PLACE;
}

/** A text becomes another type by being read as its input; bytes have no such reading that SQL Server would agree with. */
function parsed(to: SinkType): Step {
  if (to.name === "bytea") return IMPOSSIBLE;
  const { name, parameters } = to;
  const type = parameters.length === 0 ? name : `${name}(${parameters.join(",")})`;
  return { kind: "narrowing", check: { kind: "parses" }, using: [type] };
}

function toText(from: SinkType, to: SinkType): Step {
  if (from.name === "bytea" || from.name.endsWith("[]")) return IMPOSSIBLE;
  if (room(to) === Infinity) return from.name === "xml" ? IN_PLACE : REWRITTEN;
  const longest = TEXT_LENGTH[from.name] ?? Infinity;
  return longest <= room(to) ? REWRITTEN : { kind: "narrowing", check: { kind: "max-length", characters: room(to) } };
}

function betweenNumbers(from: SinkType, to: SinkType): Step {
  const target = INTEGERS[to.name];
  const source = INTEGERS[from.name];
  if (target !== undefined && source !== undefined) {
    return target.bytes > source.bytes ? REWRITTEN : { kind: "narrowing", check: range(target) };
  }
  if (to.name === "numeric" && from.name === "numeric") return betweenNumerics(from, to);
  if (to.name === "numeric" && source !== undefined) return integerToNumeric(source.digits, to);
  return floatIsExact(from, to) ? REWRITTEN : ROUND_TRIP;
}

function range({ min, max }: { min: string; max: string }): StoredCheck {
  return { kind: "range", min, max };
}

function betweenNumerics(from: SinkType, to: SinkType): Step {
  const [newPrecision, newScale = 0] = to.parameters;
  if (newPrecision === undefined) return IN_PLACE;
  const digits = { kind: "digits", precision: newPrecision, scale: newScale } as const;
  const [precision, scale = 0] = from.parameters;
  if (precision === undefined || newScale < scale) return { kind: "narrowing", check: digits };
  if (newPrecision - newScale < precision - scale) return { kind: "narrowing", check: digits };
  return newScale === scale ? IN_PLACE : REWRITTEN;
}

function integerToNumeric(digits: number, to: SinkType): Step {
  const [precision, scale = 0] = to.parameters;
  if (precision === undefined || precision - scale >= digits) return REWRITTEN;
  return { kind: "narrowing", check: { kind: "digits", precision, scale } };
}

/** A float holds integers exactly up to 24 (real) or 53 bits; real to double is exact. */
function floatIsExact(from: SinkType, to: SinkType): boolean {
  const bits = (INTEGERS[from.name]?.bytes ?? Infinity) * 8;
  if (to.name === "double precision") return from.name === "real" || bits <= 53;
  return to.name === "real" && bits <= 24;
}

function numberToBoolean(): Step {
  return { kind: "narrowing", check: { kind: "range", min: "0", max: "1" }, using: ["integer", "boolean"] };
}

function betweenInstants(from: SinkType, to: SinkType): Step {
  if (from.name === to.name) return fractions(from, to);
  if (from.name === "date")
    return to.name === "timestamptz" ? zoned({ ...REWRITTEN, using: ["timestamp"] }) : REWRITTEN;
  if (to.name === "date")
    return { ...(from.name === "timestamptz" ? zoned(ROUND_TRIP) : ROUND_TRIP), check: { kind: "midnight" } };
  return zoned(fractionDigits(to) >= fractionDigits(from) ? REWRITTEN : fractions(from, to));
}

function zoned(step: Step): Step {
  return { ...step, timeZone: "UTC" };
}

function fractions(from: SinkType, to: SinkType): Step {
  const digits = fractionDigits(to);
  return digits >= fractionDigits(from) ? IN_PLACE : { kind: "narrowing", check: { kind: "fraction", digits } };
}

function hazardOf(step: Step): Hazard {
  if (step.kind === "in-place") return BRIEF_LOCK;
  const texts = [
    ...(step.check === undefined ? [] : [`refused unless ${describeCheck(step.check)}`]),
    ...(step.timeZone === undefined ? [] : ["wall-clock times count as UTC"]),
  ];
  return texts.length === 0 ? REWRITE : hazardWith(texts.join("; "), REWRITE);
}

function impossible(from: string, to: string): TypeChange {
  const text = `PostgreSQL has no conversion from ${from} to ${to} that keeps the values; give the column a new name, or drop it yourself first`;
  return { kind: "impossible", hazard: { lock: "none", rewrite: false, dataLoss: true, text } };
}

function equal(one: SinkType, other: SinkType): boolean {
  if (one.name !== other.name) return false;
  if (["timestamp", "timestamptz", "time"].includes(one.name)) return fractionDigits(one) === fractionDigits(other);
  return one.parameters.join() === other.parameters.join();
}
