import fc from "fast-check";
import { jsonObjectEnd } from "./json-line";

function accepts(text: string): boolean {
  const bytes = Buffer.from(`${text}\n{"next":1}\n`);
  const end = jsonObjectEnd(bytes, 0);
  if (end >= 0) expect(end).toBe(Buffer.byteLength(text));
  return end >= 0;
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Letters that JSON is made of, so that what is nearly JSON is met often. */
const nearlyJson = fc
  .array(
    fc.constantFrom(
      ...Array.from('{}[]:,"\\ -+.0123456789eEtrufalsn\t/é\u0001'),
      "true",
      "null",
      '"a":',
      "\\u00e9",
      "1.5e-7",
    ),
  )
  .map((parts) => parts.join(""));

describe("JSON lines", () => {
  test("every object is taken, however it is written", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()),
        fc.constantFrom("", " ", "\t"),
        (value, space) => {
          const spaced = JSON.stringify(value).replace(/^\{/, `${space}{${space}`);
          return accepts(spaced);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("what is nearly JSON is taken when JSON.parse takes it, and only then", () => {
    fc.assert(
      fc.property(nearlyJson, (text) => {
        const line = `{"a":${text}}`;
        expect(accepts(line)).toBe(isObjectText(line));
        expect(accepts(text)).toBe(isObjectText(text));
      }),
      { numRuns: 3000 },
    );
  });

  test("any one byte of an object changed: as JSON.parse has it", () => {
    const whole = '{"a":[1,-2.5e+3,true,false,null,{"b\\n\\u00e9":"c\\\\"}],"d":{},"e":[]}';
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0x20, max: 0x7e }), (at, byte) => {
        const line = whole.slice(0, at) + String.fromCharCode(byte) + whole.slice(at + 1);
        expect(accepts(line)).toBe(isObjectText(line));
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    "",
    "{",
    '{"a"',
    '{"a":1',
    '{"a":"x',
    '{"a":"\\u00',
    "[1]",
    '"a"',
    "1",
    "null",
    '{"a":1}}',
    '{"a":1}{"b":2}',
  ])("%s is none", (text) => {
    expect(accepts(text)).toBe(false);
  });

  test("10,000 levels are taken", () => {
    expect(accepts(`{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`)).toBe(true);
    expect(accepts(`{"a":${"[".repeat(10_000)}${"]".repeat(9_999)}}`)).toBe(false);
  });

  test("a carriage return before the line end is a blank", () => {
    expect(accepts('{"a":1}\r')).toBe(true);
  });
});
