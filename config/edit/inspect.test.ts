import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { CatalogColumn, CatalogTable } from "../../model/catalog-table";
import { EditedFolder } from "./edited-folder";
import { inspectTable } from "./inspect";

const FILE = "services/_schemas/clinic/dbo/Actor.yaml";
const ORIGIN = { database: "Clinic", service: "clinic" };

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cdc-inspect-"));
});

afterEach(() => rmSync(directory, { recursive: true }));

function column(name: string, type: string, more: Partial<CatalogColumn> = {}): CatalogColumn {
  return { name, type, nullable: true, identity: false, computed: false, ...more };
}

function actor(columns: readonly CatalogColumn[], more: Partial<CatalogTable> = {}): CatalogTable {
  return { schema: "dbo", table: "Actor", columns, primaryKey: [], uniqueIndexes: [], ...more };
}

/** What a file becomes; undefined when it stays. A second inspection must find nothing to do. */
function inspected(text: string | undefined, table: CatalogTable): string | undefined {
  const file = join(directory, FILE);
  mkdirSync(dirname(file), { recursive: true });
  if (text !== undefined) writeFileSync(file, text);
  const folder = new EditedFolder(directory);
  const { change } = inspectTable(folder, table, ORIGIN);
  const [changed] = folder.changes();
  expect(change).toBe(changed === undefined ? "none" : text === undefined ? "new" : "changed");
  if (changed?.after !== undefined) writeFileSync(file, changed.after);
  const again = new EditedFolder(directory);
  expect(inspectTable(again, table, ORIGIN).change).toBe("none");
  expect(again.changes()).toEqual([]);
  return changed?.after;
}

const HAND_WRITTEN = `# The people we know.
schema: dbo
table: "Actor"   # quoted
x-owner: { team: front desk }
columns:
  # Given out by the front desk.
  - name: actno
    type: Integer
    nullable: false
    primary_key: true

  - name: 'Navn'   # full name
    type: varchar(50)
    description: >
      As in the passport.
    x-label: Name
  - { name: Amount, type: "decimal (8, 2)", default: 0 }
row_count: 12
`;

const SAME = [
  column("actno", "int", { nullable: false }),
  column("Navn", "varchar(50)", { description: "Another one" }),
  column("Amount", "numeric(8,2)", { default: "((0))" }),
];

describe("inspection of a table that has schema YAML", () => {
  test("finds nothing to do where the file says the same in other words", () => {
    expect(inspected(HAND_WRITTEN, actor(SAME, { primaryKey: ["actno"] }))).toBeUndefined();
  });

  test("changes what differs and leaves every other byte alone", () => {
    const [id, , amount] = SAME as [CatalogColumn, CatalogColumn, CatalogColumn];
    const table = actor(
      [
        id,
        column("Born", "date"),
        column("Navn", "nvarchar(100)", { nullable: false }),
        amount,
        column("Tax", "money"),
      ],
      { primaryKey: ["actno"], uniqueIndexes: [["Navn"]] },
    );
    const expected = HAND_WRITTEN.replace("type: varchar(50)", "type: nvarchar(100)")
      .replace("    x-label: Name\n", "    x-label: Name\n    nullable: false\n")
      .replace("\n  - name: 'Navn'", "\n  - name: Born\n    type: date\n    nullable: true\n\n  - name: 'Navn'")
      .replace("default: 0 }\n", 'default: 0 }\n  - { name: Tax, type: "money", nullable: true }\n')
      .replace("row_count: 12\n", "row_count: 12\nunique_indexes:\n  - [Navn]\n");
    const lines = (text = "") => text.split("\n").filter((line) => line.trim() !== "");
    expect(lines(inspected(HAND_WRITTEN, table))).toEqual(lines(expected));
  });

  test("takes gone columns out, and says which comments stay", () => {
    const text = inspected(HAND_WRITTEN, actor(SAME.slice(1)));
    expect(text).toContain("# Given out by the front desk.");
    expect(text).not.toContain("actno");
    expect(text).toContain("x-label: Name");
  });

  test("replaces all columns of a table that was made anew", () => {
    const text = inspected(HAND_WRITTEN, actor([column("A", "int"), column("B", "int")], { primaryKey: ["B", "A"] }));
    expect(text).toContain("primary_key:\n  - B\n  - A\n");
    expect(text).not.toContain("Navn");
    expect(text).toContain("x-owner: { team: front desk }");
  });

  test.each([
    ["flags follow a key of other columns", "", ["Navn"], /Navn'(?:(?!- ).)*primary_key: true/s],
    [
      "a list is written where flags don't tell the order",
      "",
      ["Navn", "actno"],
      /^primary_key:\n {2}- Navn\n {2}- actno$/m,
    ],
    ["a list stays a list", "primary_key: [actno]\n", ["Navn"], /^primary_key:\n {2}- Navn$/m],
    ["a key that is gone is taken out", "primary_key: [actno]\n", [], /^(?!.*primary_key)/s],
  ])("%s", (_, more, primaryKey, expected) => {
    expect(inspected(HAND_WRITTEN + more, actor(SAME, { primaryKey }))).toMatch(expected);
  });

  test("descriptions come from the source only where the file has none", () => {
    const described = [column("actno", "int", { nullable: false, description: "Number: 1" }), ...SAME.slice(1)];
    const text = inspected(HAND_WRITTEN, actor(described, { primaryKey: ["actno"], description: "People" }));
    expect(text).toContain('    description: "Number: 1"\n');
    expect(text).toContain("description: People\n");
    expect(text).toContain("As in the passport.");
    expect(text).not.toContain("Another one");
  });

  test("keeps the line ends of Windows", () => {
    const text = inspected(HAND_WRITTEN.replaceAll("\n", "\r\n"), actor([...SAME, column("Tax", "money")]));
    expect(text?.split("\n").every((line) => line === "" || line.endsWith("\r"))).toBe(true);
  });
});

describe("inspection of a table that has none", () => {
  test("writes all that the catalog says", () => {
    const columns = [
      column("Id", "int", { nullable: false, identity: true }),
      column("Name", "nvarchar(50)", { aliasType: "dbo.Name", collation: "Latin1_General_BIN2", default: "(N'yes')" }),
      column("yes", "numeric(12,4)", {
        computed: true,
        nullable: false,
        definition: "([Id]*(2))",
        description: "a: b",
      }),
    ];
    const keys = { primaryKey: ["Id"], uniqueIndexes: [["Name"], ["yes", "Id"]] };
    inspected(undefined, actor(columns, { description: "People\nand firms", ...keys }));
    expect(readFileSync(join(directory, FILE), "utf8")).toBe(`database: Clinic
schema: dbo
service: clinic
table: Actor
description: "People\\nand firms"
columns:
  - name: Id
    type: int
    nullable: false
    primary_key: true
    identity: true
  - name: Name
    type: nvarchar(50)
    alias_type: dbo.Name
    nullable: true
    collation: Latin1_General_BIN2
    default: (N'yes')
  - name: "yes"
    type: numeric(12,4)
    computed: true
    definition: ([Id]*(2))
    description: "a: b"
unique_indexes:
  - [Name]
  - ["yes", Id]
`);
  });

  test("escapes what a file name can't hold", () => {
    const folder = new EditedFolder(directory);
    const table = { ...actor([column("A", "int")]), table: "Order/Lines" };
    expect(inspectTable(folder, table, ORIGIN)).toMatchObject({
      table: "dbo.Order/Lines",
      file: "services/_schemas/clinic/dbo/Order%2FLines.yaml",
    });
  });
});
