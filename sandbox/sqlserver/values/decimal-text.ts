/** `12345` with scale 2 as `123.45`. */
export function decimalText(unscaled: bigint, scale: number): string {
  const negative = unscaled < 0n;
  const digits = (negative ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return negative ? `-${text}` : text;
}

const DECIMAL = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\s*$/;

/** The number as digits and a scale, or undefined when the text isn't one. */
export function parseDecimal(text: string): { unscaled: bigint; scale: number } | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(`${whole}${fraction}`);
  const unscaled = sign === "-" ? -digits : digits;
  return scale < 0 ? { unscaled: unscaled * 10n ** BigInt(-scale), scale: 0 } : { unscaled, scale };
}

/** Changes the scale, rounding half away from zero. */
export function rescale(unscaled: bigint, from: number, to: number): bigint {
  if (to >= from) return unscaled * 10n ** BigInt(to - from);
  const divisor = 10n ** BigInt(from - to);
  const half = divisor / 2n;
  return unscaled < 0n ? (unscaled - half) / divisor : (unscaled + half) / divisor;
}

/** Changes the scale, dropping digits. */
export function truncateScale(unscaled: bigint, from: number, to: number): bigint {
  return to >= from ? unscaled * 10n ** BigInt(to - from) : unscaled / 10n ** BigInt(from - to);
}

/** Digits of the number, without sign. */
export function digitCount(unscaled: bigint): number {
  return (unscaled < 0n ? -unscaled : unscaled).toString().length;
}

/** An exact float as digits and scale, rounded to that many digits after the point. */
export function decimalOfFloat(value: number, scale: number): bigint {
  // toFixed is exact up to 1e21; beyond that a float has no digits after the point.
  if (Math.abs(value) >= 1e21) return BigInt(value) * 10n ** BigInt(scale);
  const parsed = parseDecimal(value.toFixed(Math.min(scale + 2, 100)));
  return parsed ? rescale(parsed.unscaled, parsed.scale, scale) : 0n;
}

/** How PRINT and CAST write a float: six digits, exponents of three. */
export function floatText(value: number, digits: number, alwaysExponent: boolean): string {
  if (value === 0 && !alwaysExponent) return "0";
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(Number(value.toExponential(digits - 1)))));
  if (!alwaysExponent && exponent >= -5 && exponent < digits) return String(Number(value.toPrecision(digits)));
  const [mantissa = "0", power = "0"] = value.toExponential(digits - 1).split("e");
  const short = alwaysExponent ? mantissa : mantissa.replace(/\.?0+$/, "");
  return `${short}e${power.startsWith("-") ? "-" : "+"}${power.replace(/^[+-]/, "").padStart(3, "0")}`;
}
