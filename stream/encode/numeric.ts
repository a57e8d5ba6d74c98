import type { Codec } from "./codec";

const NUMBER = /^[+-]?(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?[0-9]{1,4}))?$/;
// Doubles hold every decimal of 15 digits; longer ones may have been rounded before they came here.
const EXACT_DIGITS = 15;

/**
 * `numeric(p,s)`: the text goes in as it is and PostgreSQL rounds to the scale (half away from zero). Refused is what
 * has more than p - s digits before the point after that rounding. Without p: any decimal number.
 */
export function numericCodec(precision?: number, scale = 0): Codec {
  const whole = precision === undefined ? undefined : precision - scale;
  const plain = plainNumber(whole ?? 0, scale);
  return {
    encode(text) {
      if (plain.test(text)) return text;
      const match = NUMBER.exec(text);
      if (match === null) return undefined;
      return whole === undefined || fits(match, whole, scale) ? text : undefined;
    },
    explain: (text) =>
      NUMBER.test(text)
        ? `does not fit numeric(${String(precision)},${String(scale)}): more than ${String(whole)} digits before the point`
        : "is not a decimal number",
    fromNumber: (value) => (significantDigits(value) <= EXACT_DIGITS ? String(value) : undefined),
    canonical: canonicalNumber,
  };
}

// What fits without rounding: nearly every value. SQL Server prints no zero before the point.
function plainNumber(whole: number, scale: number): RegExp {
  const before = `[0-9]{1,${String(Math.max(1, whole))}}`;
  const after = `\\.[0-9]{1,${String(scale)}}`;
  if (scale === 0) return new RegExp(`^-?${before}$`);
  return new RegExp(whole === 0 ? `^-?${after}$` : `^-?(?:${before}(?:${after})?|${after})$`);
}

function fits(match: RegExpExecArray, whole: number, scale: number): boolean {
  const { digits, point } = decimal(match);
  const start = leadingZeros(digits);
  const before = Math.max(0, point - start);
  if (start === digits.length || before < whole) return true;
  if (before > whole) return false;
  // Exactly as many digits as fit: rounding up 9…9.9… needs one more.
  const kept = digits.slice(start, point + scale).padEnd(point - start + scale, "0");
  return !/^9*$/.test(kept) || (digits[point + scale] ?? "0") < "5";
}

/** Digits without the point, and the place of the point in them (0 or less: zeros follow it; the exponent is applied). */
function decimal(match: RegExpExecArray): { digits: string; point: number } {
  const integer = match[1] ?? "";
  const fraction = match[2] ?? match[3] ?? "";
  const point = integer.length + Number(match[4] ?? 0);
  if (point >= 0) return { digits: integer + fraction, point };
  return { digits: "0".repeat(-point) + integer + fraction, point: 0 };
}

function leadingZeros(digits: string): number {
  let count = 0;
  while (digits[count] === "0") count += 1;
  return count;
}

function significantDigits(value: number): number {
  if (!Number.isFinite(value)) return Number.POSITIVE_INFINITY;
  const mantissa = String(Math.abs(value)).split("e")[0] ?? "";
  return mantissa.replace(".", "").replace(/^0+/, "").length;
}

function canonicalNumber(copyText: string): string {
  const match = NUMBER.exec(copyText);
  if (match === null) return copyText;
  const { digits, point } = decimal(match);
  const integer = digits.slice(0, point).padEnd(point, "0").replace(/^0+/, "");
  const fraction = digits.slice(point).replace(/0+$/, "");
  const sign = copyText.startsWith("-") && integer + fraction !== "" ? "-" : "";
  return `${sign}${integer}.${fraction}`;
}
