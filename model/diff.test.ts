import fc from "fast-check";
import type { ColumnSet } from "./column-set";
import { compareColumns, compareTable, compareTables } from "./diff";

const base: ColumnSet = {
  Id: { type: "integer", nullable: false },
  Name: { type: "varchar(50)", nullable: true },
};

describe("diff", () => {
  test("a column added, and one removed that is kept", () => {
    const news = { Id: base.Id, Phone: { type: "text", nullable: true } } as ColumnSet;
    const changes = compareColumns(base, news, "cust01.Actor");
    expect(changes.map(({ kind, severity, object }) => ({ kind, severity, object }))).toEqual([
      { kind: "COLUMN_ADDED", severity: "info", object: "cust01.Actor.Phone" },
      { kind: "COLUMN_REMOVED", severity: "warning", object: "cust01.Actor.Name" },
    ]);
    expect(changes.every(({ hazard }) => !hazard.dataLoss)).toBe(true);
  });

  test("PK change / nullability change: both are found", () => {
    const olds = { columns: base, key: ["Id"] };
    const news = { columns: { ...base, Name: { type: "varchar(50)", nullable: false } }, key: ["Id", "Name"] };
    const changes = compareTable(olds, news, "cust01.Actor");
    expect(changes.map(({ kind }) => kind)).toEqual(["NULLABILITY_CHANGED", "PRIMARY_KEY_CHANGED"]);
    expect(changes[0]).toMatchObject({ check: { kind: "no-nulls" }, severity: "warning" });
    expect(changes[1]).toMatchObject({ severity: "breaking", fromKey: ["Id"], toKey: ["Id", "Name"] });
  });

  test("the order of key columns counts, the order of columns does not", () => {
    const turned = { Name: base.Name, Id: base.Id } as ColumnSet;
    expect(compareColumns(base, turned)).toEqual([]);
    const changes = compareTable({ columns: base, key: ["Id", "Name"] }, { columns: turned, key: ["Name", "Id"] }, "t");
    expect(changes.map(({ kind }) => kind)).toEqual(["PRIMARY_KEY_CHANGED"]);
  });

  test("a type change says how PostgreSQL does it", () => {
    const news = { ...base, Name: { type: "varchar(20)", nullable: true } };
    expect(compareColumns(base, news, "t")).toMatchObject([
      { kind: "COLUMN_TYPE_CHANGED", typeChange: { kind: "narrowing" }, check: { kind: "max-length", characters: 20 } },
    ]);
  });

  test("a NOT NULL column without default can only join an empty table", () => {
    const changes = compareColumns(base, { ...base, Code: { type: "text", nullable: false } }, "t");
    expect(changes).toMatchObject([{ kind: "COLUMN_ADDED", severity: "warning", check: { kind: "no-rows" } }]);
  });

  test("a removed NOT NULL column says that it loses its NOT NULL", () => {
    const changes = compareColumns({ ...base, Code: { type: "text", nullable: false } }, base, "t");
    expect(changes).toMatchObject([
      { kind: "COLUMN_REMOVED", hazard: { text: expect.stringContaining("NOT NULL") as string } },
    ]);
  });

  test.each(["full_name", "Phone", "Surname"])(
    "%s, gone while columns of its type come, may be the most alike",
    (from) => {
      const text = { type: "text", nullable: true };
      const olds: ColumnSet = { ...base, [from]: text };
      const news = {
        ...base,
        Zzzzzzzzz: text,
        [`${from.replace("_", "")}s`]: text,
        Other: { type: "uuid", nullable: true },
      };
      const candidates = compareColumns(olds, news).filter(({ kind }) => kind === "RENAME_CANDIDATE");
      expect(candidates).toMatchObject([{ renamedFrom: from, column: `${from.replace("_", "")}s` }]);
    },
  );

  test("an answer settles both columns, and the others are asked about still", () => {
    const text = { type: "text", nullable: true };
    const asked = (notRenamed: { from: string; to: string }[]) =>
      compareColumns({ A: text, B: text }, { C: text, D: text }, "", { notRenamed })
        .filter(({ kind }) => kind === "RENAME_CANDIDATE")
        .map(({ renamedFrom, column }) => [renamedFrom, column]);
    expect(asked([]).length).toBe(2);
    expect(asked([{ from: "A", to: "C" }])).toEqual([["B", "D"]]);
    expect(asked([{ from: "A", to: "gone" }]).length).toBe(2);
    expect(
      asked([
        { from: "A", to: "C" },
        { from: "B", to: "D" },
      ]),
    ).toEqual([]);
  });

  test("tables added are info, tables removed are a warning and never dropped", () => {
    const table = { columns: base, key: ["Id"] };
    const changes = compareTables({ "a.Old": table }, { "a.New": table });
    expect(changes.map(({ kind, severity }) => [kind, severity])).toEqual([
      ["TABLE_ADDED", "info"],
      ["TABLE_REMOVED", "warning"],
    ]);
    expect(changes.every(({ hazard }) => !hazard.dataLoss)).toBe(true);
  });

  test("names such as __proto__ and constructor are ordinary columns", () => {
    const odd = Object.fromEntries([
      ["__proto__", base.Id],
      ["constructor", base.Name],
    ]) as ColumnSet;
    expect(compareColumns({}, odd).map(({ column }) => column)).toEqual(["__proto__", "constructor"]);
    expect(compareColumns(odd, odd)).toEqual([]);
  });

  test("equal sets have no difference, and every difference names its column", () => {
    const shape = fc.record({ type: fc.constantFrom("text", "integer", "varchar(5)", "uuid"), nullable: fc.boolean() });
    const set = fc.dictionary(fc.string({ minLength: 1, maxLength: 6 }), shape, { maxKeys: 6 });
    fc.assert(
      fc.property(set, set, (olds, news) => {
        expect(compareColumns(olds, olds)).toEqual([]);
        for (const { column } of compareColumns(olds, news)) {
          expect(Object.hasOwn(olds, column ?? "") || Object.hasOwn(news, column ?? "")).toBe(true);
        }
      }),
    );
  });
});
