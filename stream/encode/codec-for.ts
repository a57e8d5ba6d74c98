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
  const match = TYPE.exec(type.trim().toLowerCase());
  const make = match === null ? undefined : CODECS.get(match[1] ?? "");
  if (match === null || make === undefined) return textCodec;
  return make(optionalNumber(match[2]), optionalNumber(match[3]));
}

// A scale below 0 or above the precision is legal in PostgreSQL and rare: the server judges.
function numericOf(precision?: number, scale = 0): Codec {
  return precision !== undefined && scale >= 0 && scale <= precision ? numericCodec(precision, scale) : numericCodec();
}

function optionalNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
