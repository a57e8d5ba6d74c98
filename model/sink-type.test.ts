import fc from "fast-check";
import { canonicalType } from "./sink-type";

describe("PostgreSQL types", () => {
  test.each([
    ["character varying(50)", "varchar(50)"],
    ["VARCHAR (50)", "varchar(50)"],
    ["character(3)", "char(3)"],
    ["char", "char(1)"],
    ["decimal(8, 2)", "numeric(8,2)"],
    ["numeric(8)", "numeric(8,0)"],
    ["numeric", "numeric"],
    ["timestamp(6) without time zone", "timestamp(6)"],
    ["timestamp without time zone", "timestamp"],
    ["timestamp(3) with time zone", "timestamptz(3)"],
    ["time(6) without time zone", "time(6)"],
    ["int4", "integer"],
    ["bool", "boolean"],
    ["double precision", "double precision"],
    ["character varying(50)[]", "varchar(50)[]"],
    ["text[]", "text[]"],
    ["geometry", "geometry"],
  ])("%s is %s", (text, expected) => {
    expect(canonicalType(text)).toBe(expected);
  });

  test.each([
    "",
    "int; drop table x",
    "varchar(50",
    'a"b',
    "varchar(5) default 1",
    "text -- x",
    "numeric(1,2,3)",
    "(5)",
  ])("'%s' never reaches a statement", (text) => {
    expect(canonicalType(text)).toBeUndefined();
  });

  test("the canonical spelling is its own", () => {
    const type = fc.constantFrom(
      "varchar(9)",
      "char(2)",
      "numeric(9,3)",
      "timestamp(6)",
      "timestamptz(0)",
      "time(1)",
      "text",
      "uuid",
    );
    fc.assert(fc.property(type, (text) => void expect(canonicalType(text)).toBe(text)));
  });
});
