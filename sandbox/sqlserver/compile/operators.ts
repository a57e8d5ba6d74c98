import { sqlError, unsupported } from "../errors";
import { commonCollation } from "../values/collation";
import { comparerOf } from "../values/compare";
import { converterOf, type Convert } from "../values/convert";
import { rescale } from "../values/decimal-text";
import { fitDecimal, fitInteger } from "../values/to-number";
import { commonType, requireImplicit, sameShape } from "../values/type-rules";
import { decimalShape, decimal, familyOf, isUnicode, MAX, T, typeOf, type SqlType } from "../values/sql-type";
import { as, type Value } from "../values/value";
import type { BinaryOperator, Comparison } from "../parse/ast";
import type { Compiled, Condition } from "./compiled";

/** The expression converted to a type; unchanged when it has it. */
export function coerce(operand: Compiled, to: SqlType, style = 0): Compiled {
  if (sameShape(operand.type, to)) return operand;
  if (operand.isNull) return { ...operand, type: to };
  const convert = converterOf(operand.type, to, style);
  const { run, nullable, constant, collated } = operand;
  return {
    type: to,
    nullable,
    run: (frame) => {
      const value = run(frame);
      return value === null ? null : convert(value);
    },
    ...(constant && { constant }),
    ...(collated && { collated }),
  };
}

/** Both sides in the type that they are compared or joined in. Throws 402, 206, 257 or 468. */
export function reconcile(left: Compiled, right: Compiled, operation: string): [Compiled, Compiled, SqlType] {
  if (left.isNull) return [coerce(left, right.type), right, right.type];
  if (right.isNull) return [left, coerce(right, left.type), left.type];
  const type = commonType(left.type, right.type);
  requireImplicit(left.type, type);
  requireImplicit(right.type, type);
  const shared = familyOf(type) === "text" ? withCollation(type, left, right, operation) : type;
  return [widen(left, shared), widen(right, shared), shared];
}

function withCollation(type: SqlType, left: Compiled, right: Compiled, operation: string): SqlType {
  const chosen = left.collated
    ? left.type.collation
    : right.collated
      ? right.type.collation
      : commonCollation(left.type.collation, right.type.collation, operation);
  const plain = { ...type };
  delete (plain as { collation?: string }).collation;
  return chosen === undefined ? plain : { ...plain, collation: chosen };
}

/** Texts and binaries compare as they are, whatever their lengths. */
function widen(operand: Compiled, type: SqlType): Compiled {
  const family = familyOf(type);
  if (family === familyOf(operand.type) && (family === "text" || family === "binary")) return { ...operand, type };
  return coerce(operand, type);
}

const TESTS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/** A comparison; unknown when a side is NULL. */
export function compare(operator: Comparison, left: Compiled, right: Compiled): Condition {
  const [a, b, type] = reconcile(left, right, "equal to");
  if (["text", "ntext", "image", "xml", "geometry", "geography"].includes(type.name)) {
    throw sqlError(402, left.type.name, right.type.name, operator === "=" ? "equal to" : "comparison");
  }
  const [order, test] = [comparerOf(type), TESTS[operator]];
  return (frame) => {
    const x = a.run(frame);
    if (x === null) return null;
    const y = b.run(frame);
    return y === null ? null : test(order(x, y));
  };
}

/** An arithmetic, bitwise or text operation. */
export function binary(operator: BinaryOperator, left: Compiled, right: Compiled): Compiled {
  if (operator === "+" && (isText(left) || isText(right)) && !isNumeric(left) && !isNumeric(right))
    return concat(left, right);
  if (operator === "+" && familyOf(left.type) === "binary" && familyOf(right.type) === "binary")
    return joinBytes(left, right);
  if (isMoment(left) || isMoment(right)) return momentArithmetic(operator, left, right);
  const [a, b] = [numericOf(left, right), numericOf(right, left)];
  const type = commonType(a.type, b.type);
  switch (familyOf(type)) {
    case "integer":
      return integers(operator, a, b, type);
    case "decimal":
      return decimals(operator, a, b, type);
    case "float":
      return floats(operator, coerce(a, T.float), coerce(b, T.float), type);
    default:
      throw sqlError(402, left.type.name, right.type.name, operatorName(operator));
  }
}

const NAMES: Readonly<Record<BinaryOperator, string>> = {
  "+": "add",
  "-": "subtract",
  "*": "multiply",
  "/": "divide",
  "%": "modulo",
  "&": "'&'",
  "|": "'|'",
  "^": "'^'",
};

function operatorName(operator: BinaryOperator): string {
  return NAMES[operator];
}

const isText = (operand: Compiled) => familyOf(operand.type) === "text" && !operand.isNull;
const isNumeric = (operand: Compiled) => ["integer", "decimal", "float"].includes(familyOf(operand.type));
const isMoment = (operand: Compiled) => familyOf(operand.type) === "time";

/** A text among numbers is read as the other's type. */
function numericOf(operand: Compiled, other: Compiled): Compiled {
  if (operand.isNull) return coerce(operand, isNumeric(other) ? other.type : T.int);
  if (isNumeric(operand)) return operand.type.name === "bit" ? coerce(operand, T.int) : operand;
  if (isText(operand)) return coerce(operand, isNumeric(other) ? other.type : T.int);
  if (familyOf(operand.type) === "binary") return coerce(operand, isNumeric(other) ? other.type : T.int);
  throw sqlError(402, operand.type.name, other.type.name, "add");
}

function apply(left: Compiled, right: Compiled, type: SqlType, work: (a: Value, b: Value) => Value): Compiled {
  return {
    type,
    nullable: left.nullable || right.nullable,
    ...(left.constant && right.constant && { constant: true }),
    run: (frame) => {
      const a = left.run(frame);
      if (a === null) return null;
      const b = right.run(frame);
      return b === null ? null : work(a, b);
    },
  };
}

function integers(operator: BinaryOperator, a: Compiled, b: Compiled, type: SqlType): Compiled {
  return apply(a, b, type, (x, y) => {
    const [p, q] = [BigInt(x as number | bigint), BigInt(y as number | bigint)];
    if ((operator === "/" || operator === "%") && q === 0n) throw sqlError(8134);
    const result = integerWork[operator](p, q);
    return fitInteger(result, typeOf("int"), type);
  });
}

const integerWork: Readonly<Record<BinaryOperator, (p: bigint, q: bigint) => bigint>> = {
  "+": (p, q) => p + q,
  "-": (p, q) => p - q,
  "*": (p, q) => p * q,
  "/": (p, q) => p / q,
  "%": (p, q) => p % q,
  "&": (p, q) => p & q,
  "|": (p, q) => p | q,
  "^": (p, q) => p ^ q,
};

function floats(operator: BinaryOperator, a: Compiled, b: Compiled, type: SqlType): Compiled {
  return apply(a, b, type.name === "real" ? T.real : T.float, (x, y) => {
    const [p, q] = [as.number(x), as.number(y)];
    if (operator === "/" && q === 0) throw sqlError(8134);
    const result =
      operator === "+" ? p + q : operator === "-" ? p - q : operator === "*" ? p * q : operator === "/" ? p / q : NaN;
    if (Number.isNaN(result)) throw sqlError(402, "float", "float", operatorName(operator));
    if (!Number.isFinite(result)) throw sqlError(8115, "expression", "float");
    return type.name === "real" ? Math.fround(result) : result;
  });
}

function operandShape({ type, digits }: Compiled): { precision: number; scale: number } {
  return digits === undefined ? decimalShape(type) : { precision: digits, scale: 0 };
}

/** Precision and scale of the result, by SQL Server's rules. */
function resultShape(operator: BinaryOperator, a: Compiled, b: Compiled): SqlType {
  const [x, y] = [operandShape(a), operandShape(b)];
  const whole = Math.max(x.precision - x.scale, y.precision - y.scale);
  let scale = Math.max(x.scale, y.scale);
  let precision = whole + scale + 1;
  if (operator === "*") [precision, scale] = [x.precision + y.precision + 1, x.scale + y.scale];
  if (operator === "/") {
    scale = Math.max(6, x.scale + y.precision + 1);
    precision = x.precision - x.scale + y.scale + scale;
  }
  if (operator === "%") precision = Math.min(x.precision - x.scale, y.precision - y.scale) + scale;
  if (precision <= 38) return decimal(precision, scale);
  const integral = precision - scale;
  if (operator === "+" || operator === "-") return decimal(38, Math.min(scale, Math.max(38 - integral, 0)));
  return decimal(38, integral < 32 ? 38 - integral : Math.min(scale, 6));
}

function decimals(operator: BinaryOperator, a: Compiled, b: Compiled, common: SqlType): Compiled {
  if ("&|^".includes(operator)) throw sqlError(402, a.type.name, b.type.name, operatorName(operator));
  const isMoney = common.name === "money" || common.name === "smallmoney";
  const type = isMoney ? common : { ...resultShape(operator, a, b), name: "numeric" as const };
  const [sa, sb, scale] = [decimalShape(a.type).scale, decimalShape(b.type).scale, decimalShape(type).scale];
  return apply(a, b, type, (x, y) => {
    const [p, q] = [BigInt(x as number | bigint), BigInt(y as number | bigint)];
    return fitDecimal(decimalWork(operator, p, sa, q, sb, scale), type, type);
  });
}

function decimalWork(operator: BinaryOperator, p: bigint, sa: number, q: bigint, sb: number, scale: number): bigint {
  if ((operator === "/" || operator === "%") && q === 0n) throw sqlError(8134);
  if (operator === "*") return rescale(p * q, sa + sb, scale);
  if (operator === "/")
    return (p * 10n ** BigInt(Math.max(0, scale + sb - sa))) / q / 10n ** BigInt(Math.max(0, sa - sb - scale));
  const shared = Math.max(sa, sb);
  const [x, y] = [rescale(p, sa, shared), rescale(q, sb, shared)];
  const result = operator === "+" ? x + y : operator === "-" ? x - y : x % y;
  return rescale(result, shared, scale);
}

/** datetime and smalldatetime add as numbers of days; the newer types don't. */
function momentArithmetic(operator: BinaryOperator, left: Compiled, right: Compiled): Compiled {
  const old = (operand: Compiled) => ["datetime", "smalldatetime"].includes(operand.type.name) || !isMoment(operand);
  if ((operator !== "+" && operator !== "-") || !old(left) || !old(right)) {
    const [low, high] = isMoment(left) ? [right, left] : [left, right];
    throw isNumeric(low)
      ? sqlError(206, low.type.name, high.type.name)
      : sqlError(402, left.type.name, right.type.name, operatorName(operator));
  }
  const [a, b] = [coerce(left, T.datetime), coerce(right, T.datetime)];
  return apply(a, b, T.datetime, (x, y) =>
    operator === "+" ? as.number(x) + as.number(y) : as.number(x) - as.number(y),
  );
}

function concat(left: Compiled, right: Compiled): Compiled {
  const [a, b, common] = reconcile(left, right, "add");
  if (familyOf(common) !== "text") throw sqlError(402, left.type.name, right.type.name, "add");
  const limit = isUnicode(common) ? 4000 : 8000;
  const isMax = left.type.length === MAX || right.type.length === MAX;
  const length = isMax ? MAX : Math.min(limit, Math.max(1, left.type.length + right.type.length));
  const name = isUnicode(common) ? "nvarchar" : "varchar";
  const type = { ...common, name, length } as const;
  return apply(a, b, type, (x, y) => {
    const text = as.text(x) + as.text(y);
    return isMax ? text : text.slice(0, limit);
  });
}

function joinBytes(left: Compiled, right: Compiled): Compiled {
  const isMax = left.type.length === MAX || right.type.length === MAX;
  const type = typeOf("varbinary", isMax ? MAX : Math.min(8000, left.type.length + right.type.length));
  return apply(left, right, type, (x, y) => Buffer.concat([as.bytes(x), as.bytes(y)]));
}

/** Minus, plus and bitwise not. */
export function unary(operator: "-" | "+" | "~", operand: Compiled): Compiled {
  if (operator === "+") return operand;
  if (operator === "~") {
    if (familyOf(operand.type) !== "integer") throw unsupported(`~ of ${operand.type.name}`);
    return mapped(operand, (value) =>
      operand.type.name === "bit"
        ? 1 - as.number(value)
        : operand.type.name === "bigint"
          ? ~as.bigint(value)
          : ~as.number(value),
    );
  }
  const source = isNumeric(operand) && operand.type.name !== "bit" ? operand : coerce(operand, T.int);
  if (familyOf(source.type) === "decimal" || source.type.name === "bigint")
    return mapped(source, (value) => -as.bigint(value));
  if (familyOf(source.type) === "float") return mapped(source, (value) => -as.number(value));
  return mapped(source, (value) => fitInteger(-BigInt(as.number(value)), T.int, source.type));
}

/** An expression of the same type, computed from a value that isn't NULL. */
export function mapped(operand: Compiled, work: (value: Value) => Value, type = operand.type): Compiled {
  const { run, nullable, constant } = operand;
  return {
    type,
    nullable,
    ...(constant && { constant }),
    run: (frame) => {
      const value = run(frame);
      return value === null ? null : work(value);
    },
  };
}

/** Converts what is assigned, as {@link converterOf} does, where no CAST is needed. Throws 257 or 206. */
export function assignable(from: Compiled, to: SqlType): Convert {
  if (from.isNull) return () => null;
  requireImplicit(from.type, to);
  return converterOf(from.type, to);
}
