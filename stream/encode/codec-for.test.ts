import { codecFor } from "./codec-for";
import { encodeValue } from "./encode-value";
import { Rejection } from "../rejection";

function encoded(type: string, value: unknown): string {
  const result = encodeValue(codecFor(type), value);
  return result instanceof Rejection ? `refused: ${result.reason}` : result;
}

const B = "\\";

describe("a value in COPY text", () => {
  test.each<[string, unknown, string]>([
    ["smallint", "-32768", "-32768"],
    ["integer", 42, "42"],
    ["bigint", "9223372036854775807", "9223372036854775807"],
    ["numeric(8,2)", ".0000", ".0000"],
    ["numeric(8,2)", "999999.994", "999999.994"],
    ["numeric(8,2)", 1.5, "1.5"],
    ["numeric(8,2)", "1e5", "1e5"],
    ["numeric(2,2)", "0.99", "0.99"],
    ["numeric(3)", "999.4", "999.4"],
    ["numeric", "123456789012345678901234567890.5", "123456789012345678901234567890.5"],
    ["boolean", "1", "t"],
    ["boolean", "False", "f"],
    ["boolean", true, "t"],
    ["boolean", 0, "f"],
    ["varchar(2)", "😀æ", "😀æ"],
    ["char(3)", "AB ", "AB "],
    ["text", `a${B}b\tc\r\nd`, `a${B}${B}b${B}tc${B}r${B}nd`],
    ["text", `${B}N`, `${B}${B}N`],
    ["text", "", ""],
    ["text", 5, "5"],
    ["citext", "x", "x"],
    ["uuid", "F01251E5-96A3-448D-981E-0F99D789110D", "F01251E5-96A3-448D-981E-0F99D789110D"],
    ["date", "2024-02-29", "2024-02-29"],
    ["date", "2008-04-30 00:00:00.000", "2008-04-30"],
    ["time(6)", "07:00:00.1234567", "07:00:00.123456"],
    ["time(0)", "23:59:59.9999999", "23:59:59"],
    ["timestamp(6)", "9999-12-31 23:59:59.9999999", "9999-12-31 23:59:59.999999"],
    ["timestamp(3)", "2025-02-07T10:17:21.587Z", "2025-02-07T10:17:21.587Z"],
    ["timestamptz(6)", "2025-02-07 10:17:21.1234567 +02:00", "2025-02-07 10:17:21.123456+02:00"],
    ["timestamptz(6)", "2025-02-07 10:17", "2025-02-07 10:17+00:00"],
    ["bytea", "0xDEADbeef", `${B}${B}xDEADbeef`],
    ["bytea", "", `${B}${B}x`],
    ["bytea", "base64:3q2+7w==", `${B}${B}xdeadbeef`],
    ["real", "NaN", "NaN"],
    ["double precision", "-Infinity", "-Infinity"],
    ["double precision", "1.7976931348623157E+308", "1.7976931348623157E+308"],
    ["double precision", 0.1, "0.1"],
    ["jsonb", '{"a":"\\\\u0000"}', `{"a":"${B}${B}${B}${B}u0000"}`],
    ["jsonb", { a: [1] }, '{"a":[1]}'],
  ])("%s takes %j", (type, value, expected) => {
    expect(encoded(type, value)).toBe(expected);
  });

  test.each<[string, unknown, string]>([
    ["smallint", "32768", "'32768' is outside -32768 to 32767"],
    ["integer", "1.5", "'1.5' is not an integer"],
    ["integer", "", "'' is not an integer"],
    ["bigint", "9223372036854775808", "is outside -9223372036854775808 to"],
    ["bigint", 2 ** 53, "9007199254740992 is a JSON number, which may have lost digits: send it as text"],
    ["numeric(8,2)", "1000000", "'1000000' does not fit numeric(8,2): more than 6 digits before the point"],
    ["numeric(8,2)", "999999.995", "'999999.995' does not fit numeric(8,2)"],
    ["numeric(2,2)", "0.995", "'0.995' does not fit numeric(2,2)"],
    ["numeric(8,2)", "1e7", "'1e7' does not fit numeric(8,2)"],
    ["numeric(8,2)", "NaN", "'NaN' is not a decimal number"],
    ["numeric(38,20)", 0.1234567890123456, "is a JSON number, which may have lost digits"],
    ["boolean", "yes", "'yes' is not a boolean: 0, 1, true or false is expected"],
    ["varchar(3)", "abcd", "'abcd' has 4 characters, more than 3"],
    ["varchar(3)", "abc ", "'abc ' has 4 characters, more than 3"],
    ["char(1)", "😀😀", "has 2 characters, more than 1"],
    ["text", "a\0b", "'a␀b' holds a NUL character, which PostgreSQL cannot store"],
    ["text", "a\ud800b", "holds half of a surrogate pair, which is not a character"],
    ["varchar(9)", "\udc00", "holds half of a surrogate pair"],
    ["text", {}, "is an object, a text is expected"],
    ["text", [], "is an array, a text is expected"],
    ["uuid", "{F01251E5-96A3-448D-981E-0F99D789110D", "is not a uniqueidentifier"],
    ["date", "2023-02-29", "'2023-02-29' is not a date"],
    ["date", "0000-01-01", "is not a date"],
    ["date", "2008-04-30 00:00:01", "is not a date"],
    ["time(6)", "24:00:00", "is not a time"],
    ["timestamp(6)", "2024-13-01 00:00:00", "is not a date and time"],
    ["timestamp(6)", "2024-01-01 00:00:00 +02:00", "has a time zone, which a timestamp column cannot hold"],
    ["timestamptz(6)", "2024-01-01 00:00:00 +15:00", "is not a date and time with an offset"],
    ["bytea", "abc", "is not hex"],
    ["bytea", "base64:abc", "is not base64"],
    ["bytea", 10, "is a JSON number"],
    ["real", "1e39", "'1e39' is outside the range of real"],
    ["real", "1e-50", "'1e-50' is outside the range of real"],
    ["double precision", "1e400", "is outside the range of double precision"],
    ["double precision", "1,5", "is not a number"],
    ["jsonb", "{", "'{' is not JSON"],
    ["jsonb", '{"a":"\\u0000"}', "holds \\u0000, which jsonb cannot store"],
  ])("%s refuses %j", (type, value, reason) => {
    expect(encoded(type, value)).toMatch(/^refused: /);
    expect(encoded(type, value)).toContain(reason);
  });

  test.each([
    ["numeric(8,2)", "01.50", "1.5", true],
    ["numeric(8,2)", "-0.0", "0", true],
    ["numeric(8,2)", "1e2", "100.", true],
    ["numeric(8,2)", "1.5", "-1.5", false],
    ["integer", "+07", "7", true],
    ["char(3)", "AB ", "AB", true],
    ["uuid", "F01251E5-96A3-448D-981E-0F99D789110D", "f01251e5-96a3-448d-981e-0f99d789110d", true],
    ["timestamp(6)", "2024-01-01T10:00", "2024-01-01 10:00:00.000000", true],
    ["timestamp(6)", "2024-01-01", "2024-01-01 00:00:00", true],
    ["timestamp(6)", "2024-01-01 10:00:10", "2024-01-01 10:00:01", false],
    ["timestamptz(6)", "2024-01-01 10:00:00 +02:00", "2024-01-01 08:00:00.0 Z", true],
    ["timestamptz(6)", "2024-01-01 10:00:00.000001", "2024-01-01 10:00:00", false],
    ["bytea", "0xAB", "base64:qw==", true],
    ["double precision", "1.0", "1", true],
    ["real", "0.1", "0.10000000149", true],
  ])("%s: whether %s equals %s is known", (type, a, b, equal) => {
    const { canonical = (text: string) => text } = codecFor(type);
    expect(canonical(encoded(type, a)) === canonical(encoded(type, b))).toBe(equal);
  });
});
