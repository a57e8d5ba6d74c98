import type { Codec } from "./codec";

const INTEGER = /^[+-]?[0-9]+$/;

interface Range {
  readonly min: bigint;
  readonly max: bigint;
  /** Texts up to this length are in range whatever their digits and sign. */
  readonly safeLength: number;
}

/** `smallint`, also for tinyint. */
export const smallintCodec = integerCodec("a smallint", { min: -32_768n, max: 32_767n, safeLength: 4 });
/** `integer`. */
export const integerCodecOf4Bytes = integerCodec("an integer", {
  min: -2_147_483_648n,
  max: 2_147_483_647n,
  safeLength: 9,
});
/** `bigint`. */
export const bigintCodec = integerCodec("a bigint", { min: -(2n ** 63n), max: 2n ** 63n - 1n, safeLength: 18 });

function integerCodec(name: string, range: Range): Codec {
  return {
    encode(text) {
      if (!INTEGER.test(text)) return undefined;
      return text.length <= range.safeLength || inRange(text, range) ? text : undefined;
    },
    explain: (text) =>
      INTEGER.test(text) ? `is outside ${String(range.min)} to ${String(range.max)}` : `is not ${name}`,
    // Beyond 2^53 JSON numbers have already been rounded.
    fromNumber: (value) => (Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value)),
    canonical: (copyText) => String(BigInt(withoutPlus(copyText))),
  };
}

function inRange(text: string, range: Range): boolean {
  const value = BigInt(withoutPlus(text));
  return value >= range.min && value <= range.max;
}

function withoutPlus(text: string): string {
  return text.startsWith("+") ? text.slice(1) : text;
}
