import fc from "fast-check";

/** A value as SQL Server prints it, and what PostgreSQL must print for it after the load (floats and bytea: hex). */
export interface SqlSample {
  readonly text: string;
  readonly stored: string;
}

const SAMPLES: Record<string, fc.Arbitrary<SqlSample>> = {
  smallint: whole(-32_768n, 32_767n),
  integer: whole(-2_147_483_648n, 2_147_483_647n),
  bigint: whole(-(2n ** 63n), 2n ** 63n - 1n),
  "numeric(38,10)": decimal(28, 10),
  "numeric(19,4)": decimal(15, 4),
  "numeric(8,2)": decimal(6, 2),
  boolean: fc.boolean().map((value) => ({ text: value ? "1" : "0", stored: String(value) })),
  text: same(fc.string({ unit: "grapheme", maxLength: 40 }).filter(storable)),
  "varchar(12)": same(fc.string({ unit: "grapheme-ascii", maxLength: 12 })),
  "char(5)": fc
    .string({ unit: "grapheme-ascii", maxLength: 5 })
    .map((text) => ({ text: text.padEnd(5), stored: text.replace(/ +$/, "") })),
  uuid: fc.uuid().map((stored) => ({ text: stored.toUpperCase(), stored })),
  date: fc.tuple(day()).map(([text]) => ({ text, stored: text })),
  "time(6)": clock(7).map(({ text, fraction }) => ({ text: `${text}.${fraction}`, stored: text + kept(fraction, 6) })),
  "timestamp(6)": moment(7, 6),
  "timestamp(3)": moment(3, 3),
  "timestamp(0)": moment(7, 0),
  "timestamptz(6)": instant(),
  bytea: fc.uint8Array({ maxLength: 30 }).map((bytes) => {
    const stored = Buffer.from(bytes).toString("hex");
    return { text: stored.toUpperCase(), stored };
  }),
  "double precision": fc.double().map((value) => ({ text: String(value), stored: bits(value, 8) })),
  real: fc.float().map((value) => ({ text: String(value), stored: bits(value, 4) })),
  xml: fc
    .stringMatching(/^[a-zæøå 0-9]{0,20}$/)
    .map((word) => ({ text: `<a b="${word}">\n\t${word}<c/></a>`, stored: `<a b="${word}">\n\t${word}<c/></a>` })),
  jsonb: fc
    .array(fc.integer())
    .map((list) => ({ text: JSON.stringify({ list }), stored: `{"list": [${list.join(", ")}]}` })),
};

/** Canonical types that {@link sampleOf} knows. */
export const SAMPLED_TYPES: readonly string[] = Object.keys(SAMPLES);

/** Values of a canonical PostgreSQL type. */
export function sampleOf(type: string): fc.Arbitrary<SqlSample> {
  const samples = SAMPLES[type];
  if (samples === undefined) throw new Error(`no samples of ${type}`);
  return samples;
}

function whole(min: bigint, max: bigint): fc.Arbitrary<SqlSample> {
  return same(fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max, 0n)).map(String));
}

// SQL Server prints no zero before the point: `.5000`, `-.0100`.
function decimal(wholeDigits: number, scale: number): fc.Arbitrary<SqlSample> {
  const max = 10n ** BigInt(wholeDigits + scale) - 1n;
  return fc.oneof(fc.bigInt({ min: -max, max }), fc.constantFrom(max, -max, 0n, 1n)).map((units) => {
    const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
    const stored = `${units < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
    return { text: stored.replace(/^(-?)0\./, "$1."), stored };
  });
}

function day(): fc.Arbitrary<string> {
  const lowest = new Date("0001-01-01T00:00:00Z");
  const highest = new Date("9999-12-31T00:00:00Z");
  return fc.date({ min: lowest, max: highest, noInvalidDate: true }).map((date) => date.toISOString().slice(-24, -14));
}

function clock(digits: number): fc.Arbitrary<{ text: string; fraction: string }> {
  const part = (max: number): fc.Arbitrary<string> =>
    fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, "0"));
  const fraction = fc.integer({ min: 0, max: 10 ** digits - 1 }).map((value) => String(value).padStart(digits, "0"));
  return fc
    .tuple(part(23), part(59), part(59), fraction)
    .map(([h, m, s, f]) => ({ text: `${h}:${m}:${s}`, fraction: f }));
}

function moment(digits: number, keptDigits: number): fc.Arbitrary<SqlSample> {
  return fc.tuple(day(), clock(digits)).map(([date, { text, fraction }]) => ({
    text: `${date} ${text}.${fraction}`,
    stored: `${date} ${text}${kept(fraction, keptDigits)}`,
  }));
}

function instant(): fc.Arbitrary<SqlSample> {
  const offset = fc.integer({ min: -14 * 60, max: 14 * 60 });
  const seconds = fc.integer({ min: -60_000_000_000, max: 250_000_000_000 });
  return fc.tuple(seconds, offset, fc.stringMatching(/^[0-9]{7}$/)).map(([utc, minutes, fraction]) => {
    const iso = (at: number): string => new Date(at * 1000).toISOString().slice(0, 19).replace("T", " ");
    const absolute = Math.abs(minutes);
    const zone = `${minutes < 0 ? "-" : "+"}${String(Math.floor(absolute / 60)).padStart(2, "0")}:${String(absolute % 60).padStart(2, "0")}`;
    return { text: `${iso(utc + minutes * 60)}.${fraction} ${zone}`, stored: `${iso(utc)}${kept(fraction, 6)}+00` };
  });
}

function kept(fraction: string, digits: number): string {
  const cut = fraction.slice(0, digits).replace(/0+$/, "");
  return cut === "" ? "" : `.${cut}`;
}

// JavaScript prints -0 as 0, so that is what is sent.
function bits(value: number, bytes: 4 | 8): string {
  const view = new DataView(new ArrayBuffer(bytes));
  if (bytes === 4) view.setFloat32(0, value + 0);
  else view.setFloat64(0, value + 0);
  return Buffer.from(view.buffer).toString("hex");
}

function storable(text: string): boolean {
  return !text.includes("\0");
}

function same(texts: fc.Arbitrary<string>): fc.Arbitrary<SqlSample> {
  return texts.map((text) => ({ text, stored: text }));
}
