import { unsupported } from "../../errors";
import { collationOf } from "../../values/collation";
import { byteLength, encodeText, decodeText } from "../../values/code-page";
import {
  familyOf,
  isFixedLength,
  isUnicode,
  MAX,
  nvarchar,
  T,
  typeOf,
  varchar,
  type SqlType,
} from "../../values/sql-type";
import { plainText, as, type Value } from "../../values/value";
import type { Compiled } from "../compiled";
import { likeMatcher } from "../like";
import { coerce } from "../operators";
import { scalar, type FunctionTable } from "./builder";

const TEXT = T.nvarcharMax;

/** A varying text like the first argument's; numbers become varchar(8000). */
function likeFirst([first]: readonly Compiled[]): SqlType {
  return textType(first);
}

function textType(operand: Compiled | undefined, length?: number): SqlType {
  if (!operand || familyOf(operand.type) !== "text") return varchar(length ?? 8000);
  const { collation } = operand.type;
  const size = length ?? (operand.type.length || MAX);
  const type = typeOf(isUnicode(operand.type) ? "nvarchar" : "varchar", size);
  return collation === undefined ? type : { ...type, collation };
}

/** The arguments as text, each in its own kind, and the wider type of all. */
const ownText = (work: (text: string) => string) => ({
  min: 1,
  max: 1,
  build: ([operand]: readonly Compiled[]) => {
    if (!operand) throw new Error("no argument");
    const type = textType(operand);
    const source = coerce(operand, type);
    return {
      type,
      nullable: true,
      ...(source.constant && { constant: true }),
      run: (frame: Parameters<Compiled["run"]>[0]) => {
        const value = source.run(frame);
        return value === null ? null : work(as.text(value));
      },
    };
  },
});

function bytesOf(value: Value, type: SqlType): number {
  switch (familyOf(type)) {
    case "text":
      return isUnicode(type) ? as.text(value).length * 2 : byteLength(as.text(value), type.collation);
    case "binary":
    case "spatial":
      return as.bytes(value).length;
    case "guid":
      return 16;
    case "variant":
      return bytesOf(as.variant(value).value, as.variant(value).base);
    case "decimal":
      return type.name === "money"
        ? 8
        : type.name === "smallmoney"
          ? 4
          : type.precision <= 9
            ? 5
            : type.precision <= 19
              ? 9
              : type.precision <= 28
                ? 13
                : 17;
    default:
      return WIDTHS[type.name] ?? 8;
  }
}

const WIDTHS: Readonly<Record<string, number>> = {
  bit: 1,
  tinyint: 1,
  smallint: 2,
  int: 4,
  bigint: 8,
  real: 4,
  float: 8,
  date: 3,
  smalldatetime: 4,
  datetime: 8,
  time: 5,
  datetime2: 8,
  datetimeoffset: 10,
};

const dataLength = {
  min: 1,
  max: 1,
  build: ([operand]: readonly Compiled[]) => {
    if (!operand) throw new Error("no argument");
    const isBig = operand.type.length === MAX;
    return {
      type: isBig ? T.bigint : T.int,
      nullable: true,
      run: (frame: Parameters<Compiled["run"]>[0]) => {
        const value = operand.run(frame);
        if (value === null) return null;
        const length =
          isFixedLength(operand.type) && familyOf(operand.type) === "binary"
            ? operand.type.length
            : bytesOf(value, operand.type);
        return isBig ? BigInt(length) : length;
      },
    };
  },
};

function find(values: readonly Value[], args: readonly Compiled[]): number {
  const [needle, haystack, start] = values;
  const collation = collationOf(args[1]?.type.collation);
  // The fold drops trailing spaces, which count here.
  const folded = (text: string) => collation.fold(`${text}|`).slice(0, -1);
  const from = Math.max(0, Number(start ?? 1) - 1);
  return folded(as.text(haystack ?? "")).indexOf(folded(as.text(needle ?? "")), from) + 1;
}

const charIndex = {
  min: 2,
  max: 3,
  build: (args: readonly Compiled[]) => {
    const inputs = args.map((arg, i) => coerce(arg, i < 2 ? (familyOf(arg.type) === "text" ? arg.type : TEXT) : T.int));
    return {
      type: T.int,
      nullable: true,
      run: (frame: Parameters<Compiled["run"]>[0]) => {
        const values = inputs.map((input) => input.run(frame));
        return values.includes(null) ? null : find(values, inputs);
      },
    };
  },
};

function replace(values: readonly Value[]): Value {
  const [text = "", from = "", to = ""] = values.map(as.text);
  if (from === "") return text;
  const escaped = from.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return text.replace(new RegExp(escaped, "giu"), () => to);
}

function concatenation(args: readonly Compiled[]): SqlType {
  const wide = args.some(({ type }) => isUnicode(type));
  const isMax = args.some(({ type }) => type.length === MAX);
  return wide ? nvarchar(isMax ? MAX : 4000) : varchar(isMax ? MAX : 8000);
}

const concat = (withSeparator: boolean) => ({
  min: withSeparator ? 2 : 1,
  max: 254,
  build: (args: readonly Compiled[]) => {
    const type = concatenation(args);
    const inputs = args.map((arg) => coerce(arg, { ...type, length: MAX }));
    return {
      type,
      nullable: false,
      run: (frame: Parameters<Compiled["run"]>[0]) => {
        const values = inputs.map((input) => input.run(frame));
        if (!withSeparator) return values.map(plainText).join("");
        return values
          .slice(1)
          .filter((value) => value !== null)
          .map(plainText)
          .join(as.text(values[0] ?? ""));
      },
    };
  },
});

function quoteName(values: readonly Value[]): Value {
  const [name, mark = "["] = values;
  const text = as.text(name ?? "");
  if (text.length > 128) return null;
  const close = { "[": "]", "]": "]", '"': '"', "'": "'", "(": ")", "<": ">" }[as.text(mark) as "["] as
    string | undefined;
  if (close === undefined) return null;
  const open = { "]": "[", ")": "(", ">": "<" }[close as "]"] as string | undefined;
  return `${open ?? close}${text.replaceAll(close, close + close)}${close}`;
}

/** Functions of texts. */
export const TEXT_FUNCTIONS: FunctionTable = {
  LEN: scalar([TEXT], T.int, ([text]) => as.text(text ?? "").replace(/ +$/, "").length),
  DATALENGTH: dataLength,
  UPPER: ownText((text) => text.toUpperCase()),
  LOWER: ownText((text) => text.toLowerCase()),
  LTRIM: ownText((text) => text.replace(/^ +/, "")),
  RTRIM: ownText((text) => text.replace(/ +$/, "")),
  TRIM: ownText((text) => text.replace(/^ +| +$/g, "")),
  REVERSE: ownText((text) => text.split("").reverse().join("")),
  LEFT: scalar([undefined, T.int], likeFirst, ([text, count]) => textOf(text).slice(0, Math.max(0, Number(count)))),
  RIGHT: scalar([undefined, T.int], likeFirst, ([text, count]) =>
    Number(count) <= 0 ? "" : textOf(text).slice(-Number(count)),
  ),
  SUBSTRING: { min: 3, max: 3, build: (args, context) => substring(args).build(args, context) },
  REPLACE: scalar([TEXT, TEXT, TEXT], (args) => nvarchar(args[0]?.type.length === MAX ? MAX : 4000), replace),
  CHARINDEX: charIndex,
  PATINDEX: scalar([TEXT, TEXT], T.int, ([pattern, text]) => patIndex(as.text(pattern ?? ""), as.text(text ?? ""))),
  CONCAT: concat(false),
  CONCAT_WS: concat(true),
  REPLICATE: scalar(
    [undefined, T.int],
    (args) => textType(args[0], args[0]?.type.length === MAX ? MAX : args[0] && isUnicode(args[0].type) ? 4000 : 8000),
    ([text, count], _context) => (Number(count) < 0 ? null : textOf(text).repeat(Number(count))),
  ),
  SPACE: scalar([T.int], varchar(8000), ([count]) => (Number(count) < 0 ? null : " ".repeat(Number(count)))),
  STUFF: scalar(
    [undefined, T.int, T.int, TEXT],
    (args) => textType(args[0], MAX),
    ([text, start, length, insert]) => {
      const [from, count, source] = [Number(start) - 1, Number(length), textOf(text)];
      if (from < 0 || from >= source.length || count < 0) return null;
      return source.slice(0, from) + as.text(insert ?? "") + source.slice(from + count);
    },
  ),
  ASCII: scalar([varchar(1)], T.int, ([text]) => encodeText(as.text(text ?? ""))[0] ?? null),
  CHAR: scalar([T.int], typeOf("char", 1), ([code]) =>
    Number(code) < 0 || Number(code) > 255 ? null : decodeText(Buffer.from([Number(code)])),
  ),
  UNICODE: scalar([TEXT], T.int, ([text]) => (as.text(text ?? "") === "" ? null : as.text(text ?? "").charCodeAt(0))),
  NCHAR: scalar([T.int], typeOf("nchar", 1), ([code]) =>
    Number(code) < 0 || Number(code) > 65_535 ? null : String.fromCharCode(Number(code)),
  ),
  QUOTENAME: scalar([T.sysname, varchar(1)], nvarchar(258), quoteName, { min: 1 }),
  PARSENAME: scalar(
    [T.sysname, T.int],
    T.sysname,
    ([name, part]) =>
      as
        .text(name ?? "")
        .split(".")
        .reverse()[Number(part) - 1] ?? null,
  ),
};

function textOf(value: Value | undefined): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  throw unsupported("this argument of a text function");
}

function substring(args: readonly Compiled[]) {
  const isBinary = args[0] && familyOf(args[0].type) === "binary";
  const type = isBinary ? typeOf("varbinary", args[0]?.type.length === MAX ? MAX : 8000) : textType(args[0]);
  return scalar([isBinary ? undefined : type, T.int, T.int], type, ([source, start, length]) => {
    const [from, to] = [Number(start) - 1, Number(start) - 1 + Number(length)];
    const [low, high] = [Math.max(0, from), Math.max(0, to)];
    return Buffer.isBuffer(source) ? source.subarray(low, high) : textOf(source).slice(low, high);
  });
}

function patIndex(pattern: string, text: string): number {
  const inner = pattern.startsWith("%") ? pattern.slice(1) : pattern;
  const matches = likeMatcher(inner, "", collationOf());
  if (!pattern.startsWith("%")) return matches(text) ? 1 : 0;
  for (let i = 0; i < text.length; i++) if (matches(text.slice(i))) return i + 1;
  return 0;
}
