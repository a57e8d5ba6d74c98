import { createHash, randomUUID } from "node:crypto";
import { sqlError, unsupported } from "../../errors";
import { encodeText } from "../../values/code-page";
import { parseDecimal, rescale, truncateScale } from "../../values/decimal-text";
import { fitDecimal, fitInteger } from "../../values/to-number";
import { decimal, decimalShape, familyOf, isUnicode, T, varbinary, type SqlType } from "../../values/sql-type";
import { plainText, as, type Value } from "../../values/value";
import type { Compiled } from "../compiled";
import { coerce } from "../operators";
import { scalar, type FunctionSpec, type FunctionTable } from "./builder";

/** Applies one piece of work to exact numbers, another to floats. */
function numeric(
  exact: (value: bigint, scale: number) => bigint,
  float: (value: number) => number,
  typeOfResult: (type: SqlType) => SqlType = (type) => type,
): FunctionSpec {
  return {
    min: 1,
    max: 1,
    build: ([operand]) => {
      if (!operand) throw new Error("no argument");
      const source = ["integer", "decimal", "float"].includes(familyOf(operand.type))
        ? operand
        : coerce(operand, T.float);
      const type = typeOfResult(source.type);
      const { scale } = decimalShape(source.type);
      return {
        type,
        nullable: true,
        ...(source.constant && { constant: true }),
        run: (frame) => {
          const value = source.run(frame);
          if (value === null) return null;
          if (familyOf(source.type) === "float") return float(as.number(value));
          const result = exact(BigInt(value as number | bigint), familyOf(source.type) === "decimal" ? scale : 0);
          return familyOf(type) === "integer" ? fitInteger(result, T.int, type) : result;
        },
      };
    },
  };
}

function whole(type: SqlType): SqlType {
  return familyOf(type) === "decimal" && type.name !== "money" && type.name !== "smallmoney"
    ? decimal(type.precision, 0)
    : type;
}

/** CEILING and FLOOR keep the scale of money and drop that of decimal. */
function stepped(up: boolean) {
  return numeric(
    (value, scale) => {
      const unit = 10n ** BigInt(scale);
      const floor = value >= 0n ? value / unit : -((-value + unit - 1n) / unit);
      return up && floor * unit !== value ? floor + 1n : floor;
    },
    up ? Math.ceil : Math.floor,
    whole,
  );
}

const floatOf = (work: (value: number) => number): FunctionSpec =>
  scalar([T.float], T.float, ([value]) => {
    const result = work(as.number(value ?? 0));
    if (!Number.isFinite(result)) throw sqlError(3623);
    return result;
  });

const round: FunctionSpec = {
  min: 2,
  max: 3,
  build: ([operand, digits, mode]) => {
    if (!operand || !digits) throw new Error("no argument");
    const source = ["integer", "decimal"].includes(familyOf(operand.type)) ? operand : coerce(operand, T.float);
    const { scale } = decimalShape(source.type);
    const isExact = familyOf(source.type) !== "float";
    const ownScale = familyOf(source.type) === "decimal" ? scale : 0;
    return {
      type: source.type.name === "tinyint" || source.type.name === "smallint" ? T.int : source.type,
      nullable: true,
      run: (frame) => {
        const [value, places, truncate] = [source.run(frame), digits.run(frame), mode?.run(frame) ?? 0];
        if (value === null || places === null) return null;
        const cut = Number(truncate) !== 0;
        if (!isExact) return roundFloat(as.number(value), Number(places), cut);
        const change = cut ? truncateScale : rescale;
        const result =
          Number(places) >= ownScale
            ? BigInt(value as number)
            : change(change(BigInt(value as number), ownScale, Number(places)), Number(places), ownScale);
        return familyOf(source.type) === "integer"
          ? fitInteger(result, T.int, source.type)
          : fitDecimal(result, source.type, source.type);
      },
    };
  },
};

function roundFloat(value: number, places: number, truncate: boolean): number {
  const parsed = parseDecimal(String(value));
  if (!parsed || parsed.scale <= places) return value;
  const change = truncate ? truncateScale : rescale;
  return Number(change(parsed.unscaled, parsed.scale, places)) / 10 ** places;
}

const power: FunctionSpec = {
  min: 2,
  max: 2,
  build: ([base, exponent], context) => {
    if (!base || !exponent) throw new Error("no argument");
    const inner = scalar([T.float, T.float], T.float, ([x, y]) => as.number(x ?? 0) ** as.number(y ?? 0)).build(
      [base, exponent],
      context,
    );
    const type = familyOf(base.type) === "integer" && base.type.name !== "bigint" ? T.int : base.type;
    return coerce(inner, familyOf(type) === "text" ? T.float : type);
  },
};

const HASHES: Readonly<Record<string, string>> = {
  md5: "md5",
  sha1: "sha1",
  sha: "sha1",
  sha2_256: "sha256",
  sha2_512: "sha512",
};

const hashBytes: FunctionSpec = {
  min: 2,
  max: 2,
  build: ([algorithm, input]) => {
    if (!algorithm || !input) throw new Error("no argument");
    return {
      type: varbinary(8000),
      nullable: true,
      run: (frame) => {
        const [name, value] = [algorithm.run(frame), input.run(frame)];
        const hash = HASHES[plainText(name).toLowerCase()];
        if (hash === undefined) throw unsupported(`HASHBYTES with ${plainText(name)}`);
        if (value === null) return null;
        return createHash(hash).update(hashInput(value, input)).digest();
      },
    };
  },
};

function hashInput(value: Value, input: Compiled): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (familyOf(input.type) !== "text") throw sqlError(8116, input.type.name, 2, "hashbytes");
  return isUnicode(input.type)
    ? Buffer.from(as.text(value), "utf16le")
    : encodeText(as.text(value), input.type.collation);
}

/** Functions of numbers. */
export const NUMBER_FUNCTIONS: FunctionTable = {
  ABS: numeric((value) => (value < 0n ? -value : value), Math.abs),
  SIGN: numeric((value, scale) => (value === 0n ? 0n : (value < 0n ? -1n : 1n) * 10n ** BigInt(scale)), Math.sign),
  CEILING: stepped(true),
  FLOOR: stepped(false),
  ROUND: round,
  POWER: power,
  SQRT: floatOf(Math.sqrt),
  SQUARE: floatOf((value) => value * value),
  EXP: floatOf(Math.exp),
  LOG: floatOf(Math.log),
  LOG10: floatOf(Math.log10),
  PI: scalar([], T.float, () => Math.PI),
  RAND: scalar([T.int], T.float, () => Math.random(), { min: 0, volatile: true, withNulls: true }),
  NEWID: scalar([], T.uniqueidentifier, () => randomUUID().toUpperCase(), { volatile: true }),
  NEWSEQUENTIALID: scalar([], T.uniqueidentifier, () => randomUUID().toUpperCase(), { volatile: true }),
  ISNUMERIC: scalar(
    [T.nvarcharMax],
    T.int,
    ([text]) => (text !== null && text !== undefined && parseDecimal(as.text(text).replace(/[$,]/g, "")) ? 1 : 0),
    { withNulls: true },
  ),
  HASHBYTES: hashBytes,
};
