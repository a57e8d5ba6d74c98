import fc from "fast-check";
import {
  derivedName,
  identifierFault,
  procedureName,
  schemaFault,
  sinkColumnName,
  sinkName,
  stagingName,
  utf8Length,
} from "./identifier";

const PREFIXES = ["", "stg_", "sp_merge_", "pk_", "ix_sync_"];
const anyName = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 128 })
  .filter((name) => identifierFault(name) === undefined);

describe("identifiers", () => {
  test("a name that fits is kept as it is, whatever is in it", () => {
    for (const name of [
      "Actor",
      "actor",
      "Order Lines",
      "Order-Lines",
      "O'Brien",
      'Q"uote',
      "navnæøå",
      "x".repeat(63),
    ]) {
      expect(sinkName(name)).toBe(name);
    }
  });

  test("a long name is cut between characters and ends in a hash of the whole", () => {
    const name = "Æ".repeat(128);
    expect(sinkName(name)).toMatch(/^Æ{26}_[0-9a-f]{10}$/);
    expect(sinkName(name)).toBe("ÆÆÆÆÆÆÆÆÆÆÆÆÆÆÆÆÆÆÆÆÆÆÆÆÆÆ_0dc424610b");
  });

  test("names stay at most 63 bytes of valid UTF-8, and the same every time", () => {
    fc.assert(
      fc.property(anyName, fc.constantFrom(...PREFIXES), (name, prefix) => {
        const derived = derivedName(prefix, name);
        expect(Buffer.byteLength(derived)).toBeLessThanOrEqual(63);
        expect(utf8Length(derived)).toBe(Buffer.byteLength(derived));
        expect(Buffer.from(derived).toString()).toBe(derived);
        expect(derivedName(prefix, name)).toBe(derived);
        if (Buffer.byteLength(prefix + name) <= 63) expect(derived).toBe(prefix + name);
      }),
    );
  });

  test("different names stay different, also when only their ends differ", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyName, { maxLength: 20 }),
        fc.string({ minLength: 70, maxLength: 70 }),
        (ends, start) => {
          const names = ends.map((end) => `${start}${end}`);
          expect(new Set(names.map(sinkName)).size).toBe(names.length);
        },
      ),
    );
  });

  test("twenty thousand long names that differ in a number do not collide", () => {
    const names = Array.from({ length: 100_000 }, (_, index) =>
      sinkName(`${"LongTableName".repeat(6)}${String(index)}`),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test("Tables differing by case: their staging tables and procedures differ too", () => {
    expect(stagingName("Actor")).toBe("stg_Actor");
    expect(stagingName("actor")).toBe("stg_actor");
    expect(procedureName("Actor")).not.toBe(procedureName("actor"));
  });

  test("a column named like one of PostgreSQL's own gets another name", () => {
    expect(sinkColumnName("xmin")).toMatch(/^xmin_[0-9a-f]{10}$/);
    expect(sinkColumnName("Xmin")).toBe("Xmin");
  });

  test.each([
    ["", "empty"],
    ["a\0b", "NUL"],
    ["\ud800", "surrogate"],
    ["x".repeat(129), "128"],
  ])("refuses %j", (name, reason) => {
    expect(identifierFault(name)).toContain(reason);
  });

  test("schemas that PostgreSQL or we keep are refused", () => {
    expect(schemaFault("pg_stuff")).toContain("pg_");
    expect(schemaFault("cdc_management")).toBeDefined();
    expect(schemaFault("cust01")).toBeUndefined();
  });
});
