import type { Codec } from "./codec";

const FLOAT = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?$/;
const SPECIAL = /^(?:nan|[+-]?inf(?:inity)?)$/i;
const NON_ZERO = /^[^eE]*[1-9]/;

/** `double precision`. */
export const doubleCodec = floatCodec("double precision", (value) => value);
/** `real`: rounded to 24 bits, as SQL Server does. */
export const realCodec = floatCodec("real", Math.fround);

/** The text goes in as it is and PostgreSQL takes the nearest value; overflow, and underflow to zero, are refused. */
function floatCodec(name: string, round: (value: number) => number): Codec {
  const inRange = (text: string): boolean => {
    const value = round(Number(text));
    return Number.isFinite(value) && (value !== 0 || !NON_ZERO.test(text));
  };
  return {
    encode: (text) => ((FLOAT.test(text) && inRange(text)) || SPECIAL.test(text) ? text : undefined),
    explain: (text) => (FLOAT.test(text) ? `is outside the range of ${name}` : "is not a number"),
    canonical: (copyText) => (FLOAT.test(copyText) ? String(round(Number(copyText)) + 0) : copyText.toLowerCase()),
  };
}
