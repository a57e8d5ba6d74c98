import { booleanCodec } from "./boolean";
import { byteaCodec } from "./bytea";
import type { Codec } from "./codec";
import { dateCodec, timeCodec, timestampCodec, timestamptzCodec } from "./date-time";
import { doubleCodec, realCodec } from "./float";
import { bigintCodec, integerCodecOf4Bytes, smallintCodec } from "./integer";
import { jsonbCodec } from "./json";
import { numericCodec } from "./numeric";
import { charCodec, textCodec, varcharCodec } from "./text";
import { uuidCodec } from "./uuid";

const TYPE = /^([a-z ]+?)\s*(?:\(\s*(-?[0-9]+)\s*(?:,\s*(-?[0-9]+)\s*)?\))?$/;

type CodecOf = (first?: number, second?: number) => Codec;

const CODECS = new Map<string, CodecOf>([
  ["smallint", () => smallintCodec],
  ["integer", () => integerCodecOf4Bytes],
  ["bigint", () => bigintCodec],
  ["numeric", numericOf],
  ["boolean", () => booleanCodec],
  ["varchar", (length) => (length === undefined ? textCodec : varcharCodec(length))],
  ["char", (length = 1) => charCodec(length)],
  ["uuid", () => uuidCodec],
  ["date", () => dateCodec],
  ["time", timeCodec],
  ["timestamp", timestampCodec],
  ["timestamptz", timestamptzCodec],
  ["bytea", () => byteaCodec],
  ["real", () => realCodec],
  ["double precision", () => doubleCodec],
  ["jsonb", () => jsonbCodec],
  ["json", () => jsonbCodec],
]);

/** The codec of a canonical PostgreSQL type such as `numeric(8,2)`. Text, xml and unknown types go in as text. */
export function codecFor(type: string): Codec {
  const { name, first, second } = encodedAs(type);
  return CODECS.get(name)?.(first, second) ?? textCodec;
}

/** A type as {@link codecFor} understands it: name and numbers; `text` for all that goes in as text. */
export function encodedAs(type: string): { readonly name: string; readonly first?: number; readonly second?: number } {
  const match = TYPE.exec(type.trim().toLowerCase());
  const name = match?.[1] ?? "";
  if (match === null || !CODECS.has(name)) return { name: "text" };
  const [first, second] = [optionalNumber(match[2]), optionalNumber(match[3])];
  return { name, ...(first === undefined ? {} : { first }), ...(second === undefined ? {} : { second }) };
}

// A scale below 0 or above the precision is legal in PostgreSQL and rare: the server judges.
function numericOf(precision?: number, scale = 0): Codec {
  return precision !== undefined && scale >= 0 && scale <= precision ? numericCodec(precision, scale) : numericCodec();
}

function optionalNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
