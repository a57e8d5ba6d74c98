import fc from "fast-check";
import { classifyTypeChange } from "./type-change";

describe("type changes", () => {
  test.each([
    ["varchar(50)", "varchar(100)", "in-place"],
    ["varchar(50)", "text", "in-place"],
    ["text", "varchar", "in-place"],
    ["text", "varchar(10)", "narrowing"],
    ["varchar(100)", "varchar(50)", "narrowing"],
    ["char(3)", "char(5)", "rewrite"],
    ["numeric(8,2)", "numeric(10,2)", "in-place"],
    ["numeric(8,2)", "numeric", "in-place"],
    ["numeric(8,2)", "numeric(10,4)", "rewrite"],
    ["numeric(8,2)", "numeric(8,4)", "narrowing"],
    ["numeric", "numeric(8,2)", "narrowing"],
    ["timestamp(3)", "timestamp(6)", "in-place"],
    ["timestamp(6)", "timestamp", "same"],
    ["timestamp(6)", "timestamp(0)", "narrowing"],
    ["timestamp(3)", "timestamptz(3)", "rewrite"],
    ["date", "timestamp(0)", "rewrite"],
    ["timestamp(0)", "date", "narrowing"],
    ["smallint", "integer", "rewrite"],
    ["integer", "bigint", "rewrite"],
    ["bigint", "integer", "narrowing"],
    ["integer", "numeric(8,2)", "narrowing"],
    ["integer", "double precision", "rewrite"],
    ["bigint", "double precision", "narrowing"],
    ["boolean", "smallint", "rewrite"],
    ["smallint", "boolean", "narrowing"],
    ["text", "integer", "narrowing"],
    ["integer", "varchar(11)", "rewrite"],
    ["integer", "varchar(5)", "narrowing"],
    ["xml", "text", "in-place"],
    ["uuid", "integer", "impossible"],
    ["bytea", "text", "impossible"],
    ["text", "bytea", "impossible"],
    ["integer; DROP TABLE x", "text", "impossible"],
  ])("%s to %s is %s", (from, to, kind) => {
    expect(classifyTypeChange(from, to).kind).toBe(kind);
  });

  test("a narrowing names the check that every stored value must pass", () => {
    expect(classifyTypeChange("bigint", "smallint").check).toEqual({ kind: "range", min: "-32768", max: "32767" });
    expect(classifyTypeChange("numeric(9,4)", "numeric(8,2)").check).toEqual({
      kind: "digits",
      precision: 8,
      scale: 2,
    });
    expect(classifyTypeChange("text", "char(3)").check).toEqual({ kind: "max-length", characters: 3 });
  });

  test("an impossible change says what to do and destroys nothing by itself", () => {
    const { hazard } = classifyTypeChange("uuid", "integer");
    expect(hazard.lock).toBe("none");
    expect(hazard.text).toContain("new name");
  });

  test("widening a varchar is always in place and going back always needs a check", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 1, max: 4000 }), (length, more) => {
        const [short, long] = [`varchar(${String(length)})`, `varchar(${String(length + more)})`];
        expect(classifyTypeChange(short, long)).toMatchObject({ kind: "in-place", hazard: { rewrite: false } });
        expect(classifyTypeChange(long, short)).toMatchObject({ kind: "narrowing", check: { characters: length } });
      }),
    );
  });
});
