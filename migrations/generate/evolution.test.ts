import { writeFileSync } from "node:fs";
import { expectGolden } from "../../test/harness/golden";
import { columns, MigrationProject, withoutBodies, type SourceColumn } from "../../test/harness/migration-project";
import { removeProjects } from "../../test/fixtures/project";
import { readFolder } from "../folder";

const CHANGES = "02-changes/{{SCHEMA}}/Actor/";
const MANUAL = "manual/{{SCHEMA}}/";
const HINTED = (hints: object) => ({ "{{SCHEMA}}.Actor": { manual_migration_hints: hints } });

afterAll(removeProjects);

/** A project whose table Actor was generated with some columns, and now has others. */
function evolved(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  sinkTables?: object,
): MigrationProject {
  const project = new MigrationProject({
    tables: { Actor: columns(before) },
    sinkTables: { "{{SCHEMA}}.Actor": null },
  });
  project.generate();
  project.configure({
    tables: { Actor: columns(after) },
    ...(sinkTables === undefined ? {} : { sinkTables: sinkTables as Record<string, object> }),
  });
  return project;
}

describe("a change of a table that has files", () => {
  test("becomes a step that people can read, and the files follow", () => {
    const project = evolved(
      { Name: "nvarchar(50)", Age: "int", Rank: "nvarchar(9) not null", Paid: "decimal(8,2)" },
      { Name: "nvarchar(100)", Age: "bigint", Paid: "decimal(6,2)", Phone: "nvarchar(20)" },
    );
    expect(project.generate()).toMatchObject([
      {
        steps: [`${CHANGES}0001-add-phone-and-4-more.sql`],
        manual: [expect.stringContaining("Actor-drop-rank") as string],
      },
    ]);
    expectGolden(
      "migrations/02-changes/SCHEMA/Actor/0001-add-phone-and-4-more.sql",
      withoutBodies(project.read(`${CHANGES}0001-add-phone-and-4-more.sql`)),
    );
    const { manifest } = readFolder(project.path(""));
    expectGolden(
      "migrations/manual/SCHEMA/Actor-drop-rank.sql",
      withoutBodies(project.read(manifest.manual[0]?.file ?? "")),
    );
    expect(manifest.tables[0]).toMatchObject({
      kept: { Rank: "varchar(9)" },
      changes: [{ file: `${CHANGES}0001-add-phone-and-4-more.sql` }],
    });
    expect(project.read("01-tables/{{SCHEMA}}/Actor.sql")).toContain('"Phone" varchar(20)');
    expect(project.generate()).toMatchObject([{ written: [], steps: [] }]);
    expect(project.told()).toEqual([]);
  });

  test.each([
    [
      "a default",
      { Name: "int" },
      { d: { name: "_d", type: "int", default: "1" } },
      { d: { name: "_d", type: "int", default: "2" } },
      "default-of-d",
      "SET DEFAULT 2",
    ],
    [
      "a template column",
      { Name: "int" },
      {},
      { d: { name: "_d", type: "int", value: "7" } },
      "add-d",
      'ADD COLUMN IF NOT EXISTS "_d" integer',
    ],
  ])("tells %s", (_what, own, before, after, slug, statement) => {
    const uses = (templates: object) => ({ "{{SCHEMA}}.Actor": { column_templates: Object.keys(templates) } });
    const project = new MigrationProject({
      tables: { Actor: columns(own) },
      templates: before,
      sinkTables: uses(before),
    });
    project.generate();
    project.configure({ templates: after, sinkTables: uses(after) });
    const [step] = project.generate()[0]?.steps ?? [];
    expect(step).toBe(`${CHANGES}0001-${slug}.sql`);
    expect(project.read(step ?? "")).toContain(statement);
  });

  test("keeps earlier steps as they are and numbers on", () => {
    const project = evolved({ A: "int" }, { A: "int", B: "int" });
    project.generate();
    const first = project.read(`${CHANGES}0001-add-b.sql`);
    project.configure({ tables: { Actor: columns({ A: "int", B: "int not null" }) } });
    expect(project.generate()[0]?.steps).toEqual([`${CHANGES}0002-nullability-of-b.sql`]);
    expect(project.read(`${CHANGES}0001-add-b.sql`)).toBe(first);
    const { manifest, faults } = readFolder(project.path(""));
    expect(manifest.tables[0]?.changes.map(({ file }) => file)).toEqual([
      `${CHANGES}0001-add-b.sql`,
      `${CHANGES}0002-nullability-of-b.sql`,
    ]);
    expect(faults).toEqual([]);
  });

  test("of the key is one step with its check", () => {
    const key = (name: string): SourceColumn => ({ name, type: "int", nullable: false, primary_key: true });
    const project = new MigrationProject({
      tables: { Actor: [key("Id"), { name: "No", type: "int", nullable: false }] },
      sinkTables: { "{{SCHEMA}}.Actor": null },
    });
    project.generate();
    project.configure({ tables: { Actor: [key("Id"), key("No")] } });
    expect(project.told()).toEqual(["PRIMARY_KEY_CHANGED {{SCHEMA}}.Actor"]);
    const [step] = project.generate()[0]?.steps ?? [];
    expect(project.read(step ?? "")).toMatch(/HAVING count\(\*\) > 1[^]*PRIMARY KEY \("Id", "No"\)/);
  });

  test("that drops and adds a column of one type asks, and writes nothing", () => {
    const project = evolved({ Name: "nvarchar(50)" }, { FullName: "nvarchar(50)" });
    const before = project.texts();
    expect(() => project.generate()).toThrow(
      /\{\{SCHEMA\}\}\.Actor.*FullName is new while Name.*renames: \[\{from: Name, to: FullName\}\].*not_renamed: \[\{from: Name, to: FullName\}\]/s,
    );
    expect(() => project.generate()).toThrow(expect.objectContaining({ code: "CDC_RENAME_UNCLEAR" }) as Error);
    expect(project.texts()).toEqual(before);
    expect(project.told()).toContain("RENAME_CANDIDATE {{SCHEMA}}.Actor.FullName");
  });

  test("that is declared a rename becomes RENAME on table and staging table", () => {
    const project = evolved(
      { Name: "nvarchar(50)" },
      { FullName: "nvarchar(50)" },
      HINTED({ renames: [{ from: "Name", to: "FullName" }] }),
    );
    expect(project.told()).toEqual(["COLUMN_RENAMED {{SCHEMA}}.Actor.FullName"]);
    const [step] = project.generate()[0]?.steps ?? [];
    const text = project.read(step ?? "");
    expect(text.match(/RENAME COLUMN/g)?.length).toBeGreaterThanOrEqual(2);
    expect(text).not.toMatch(/ADD COLUMN IF NOT EXISTS "FullName"/);
    expect(readFolder(project.path("")).manifest.manual).toEqual([]);
    expect(project.generate()).toMatchObject([{ written: [], steps: [] }]);
  });

  test("that is declared no rename keeps the old column beside the new one", () => {
    const project = evolved(
      { Name: "nvarchar(50)" },
      { FullName: "nvarchar(50)" },
      HINTED({ not_renamed: [{ from: "Name", to: "FullName" }] }),
    );
    expect(project.generate()[0]?.manual).toHaveLength(1);
    expect(readFolder(project.path("")).manifest.tables[0]?.kept).toEqual({ Name: "varchar(50)" });
  });

  test("to a type without conversion blocks the table by a manual file, until it is answered", () => {
    const project = evolved({ Mark: "uniqueidentifier" }, { Mark: "int" });
    expect(project.diff()).toMatchObject([{ kind: "COLUMN_TYPE_CHANGED", severity: "breaking" }]);
    expect(project.generate()).toMatchObject([{ manual: [expect.stringContaining("Actor-type-") as string] }]);
    const blocked = readFolder(project.path("")).manifest;
    expect(blocked.manual).toMatchObject([
      { reason: "type-change", column: "Mark", from: "uuid", to: "integer", blocks: true },
    ]);
    expectGolden(
      "migrations/manual/SCHEMA/Actor-type-mark.sql",
      withoutBodies(project.read(blocked.manual[0]?.file ?? "")),
    );
    expect(project.generate()).toMatchObject([{ written: [], steps: [] }]);
    project.configure({
      sinkTables: HINTED({ type_changes: [{ column: "Mark", using: '("Mark" IS NOT NULL)::int' }] }),
    });
    const [step] = project.generate()[0]?.steps ?? [];
    expect(project.read(step ?? "")).toContain('USING ("Mark" IS NOT NULL)::int');
    expect(readFolder(project.path("")).manifest.manual).toEqual([]);
    expect(project.has(blocked.manual[0]?.file ?? "")).toBe(false);
  });

  test("of somebody else's table changes the staging table alone", () => {
    const exists = { "{{SCHEMA}}.Actor": { target_exists: true } };
    const project = new MigrationProject({ tables: { Actor: columns({ A: "int" }) }, sinkTables: exists });
    project.generate();
    project.configure({ tables: { Actor: columns({ A: "bigint", B: "date" }) } });
    const [step = ""] = project.generate()[0]?.steps ?? [];
    expect(step).toBe(`${CHANGES}0001-staging.sql`);
    expect(project.read(step)).toContain('"B" date');
    expect(project.read(step)).not.toMatch(/ALTER TABLE "\{\{SCHEMA\}\}"\."Actor"/);
    expect(project.generate()).toMatchObject([{ written: [], manual: [] }]);
  });

  test("back to the former type takes the manual file away", () => {
    const project = evolved({ Mark: "uniqueidentifier" }, { Mark: "int" });
    project.generate();
    project.configure({ tables: { Actor: columns({ Mark: "uniqueidentifier" }) } });
    expect(project.generate()[0]?.manual).toEqual([]);
    expect(project.read("01-tables/{{SCHEMA}}/Actor.sql")).toContain('"Mark" uuid');
  });
});

describe("a column that is no longer wanted", () => {
  test("keeps its manual file through later runs, whatever is written in it, until it is wanted again", () => {
    const project = evolved({ A: "int", Note: "nvarchar(9)" }, { A: "int" });
    project.generate();
    const file = readFolder(project.path("")).manifest.manual[0]?.file ?? "";
    writeFileSync(project.path(file), "-- looked at, next week\n");
    project.configure({ tables: { Actor: columns({ A: "int", B: "int" }) } });
    expect(project.generate()[0]?.manual).toEqual([file]);
    expect(project.read(file)).toBe("-- looked at, next week\n");
    project.configure({ tables: { Actor: columns({ A: "int", B: "int", Note: "nvarchar(20)" }) } });
    const [again] = project.generate();
    expect(again).toMatchObject({ manual: [], removed: [file] });
    const step = project.read(again?.steps[0] ?? "");
    expect(step).toMatch(/ADD COLUMN IF NOT EXISTS "Note" varchar\(9\)[^]*ALTER COLUMN "Note" TYPE varchar\(20\)/);
  });
});

describe("a table that is no longer wanted", () => {
  test("is told once, kept with its files, and dropped by nobody but a person", () => {
    const project = new MigrationProject();
    project.generate();
    project.configure({ sinkTables: { "{{SCHEMA}}.Line": null } });
    expect(project.diff()).toMatchObject([{ kind: "TABLE_REMOVED", severity: "warning", object: "{{SCHEMA}}.Actor" }]);
    expect(project.generate()).toMatchObject([
      { tablesRemoved: ["{{SCHEMA}}.Actor"], manual: [`${MANUAL}Actor-drop-table.sql`], removed: [] },
    ]);
    const { manifest } = readFolder(project.path(""));
    expect(manifest.tables.map(({ table }) => table)).toEqual(["Line"]);
    expect(manifest.removed.map(({ table }) => table)).toEqual(["Actor"]);
    const text = project.read(`${MANUAL}Actor-drop-table.sql`);
    expectGolden("migrations/manual/SCHEMA/Actor-drop-table.sql", withoutBodies(text));
    expect(text.split("\n").filter((line) => line !== "" && !line.startsWith("--"))).toEqual([]);
    expect(project.told()).toEqual([]);
    expect(project.generate()).toMatchObject([{ written: [], tablesRemoved: [] }]);
  });

  test("comes back as it was when it is wanted again", () => {
    const project = new MigrationProject();
    project.generate();
    const before = project.read("manifest.yaml");
    project.configure({ sinkTables: { "{{SCHEMA}}.Line": null } });
    project.generate();
    project.configure({ sinkTables: { "{{SCHEMA}}.Actor": null, "{{SCHEMA}}.Line": null } });
    expect(project.generate()).toMatchObject([{ steps: [], manual: [], removed: [`${MANUAL}Actor-drop-table.sql`] }]);
    expect(project.read("manifest.yaml")).toBe(before);
  });
});

describe("a step", () => {
  test("that was edited or lost stops generate; --force takes the edited one as it is", () => {
    const project = evolved({ A: "int" }, { A: "int", B: "int" });
    project.generate();
    const step = `${CHANGES}0001-add-b.sql`;
    const text = project.read(step);
    writeFileSync(project.path(step), `${text}SELECT 1;\n`);
    expect(() => project.generate()).toThrow(/0001-add-b\.sql was edited by hand/);
    project.generate({ force: true });
    expect(project.read(step)).toContain("SELECT 1;");
    expect(readFolder(project.path("")).faults).toEqual([]);
    project.remove(`migrations/main.shop/${step}`);
    expect(() => project.generate()).toThrow(/0001-add-b\.sql is missing/);
  });

  test("that a cut-off run left behind is taken up by the next", () => {
    const project = evolved({ A: "int" }, { A: "int", B: "int" });
    const before = project.read("manifest.yaml");
    project.generate();
    const after = project.read("manifest.yaml");
    project.write("migrations/main.shop/manifest.yaml", before);
    expect(project.generate()).toMatchObject([{ written: ["manifest.yaml"] }]);
    expect(project.read("manifest.yaml")).toBe(after);
  });

  test("of two branches both stay when either side of the conflict is taken", () => {
    const project = evolved({ A: "int" }, { A: "int", Ours: "int" });
    const base = project.texts();
    project.generate();
    const ours = project.texts();
    project.restore(base);
    project.configure({ tables: { Actor: columns({ A: "int", Theirs: "date" }) } });
    project.generate();
    const theirs = project.texts();
    project.restore({ ...theirs, ...ours });
    project.configure({ tables: { Actor: columns({ A: "int", Theirs: "date", Ours: "int" }) } });
    expect(project.generate()[0]?.steps).toEqual([`${CHANGES}0002-add-theirs.sql`]);
    const { manifest, faults } = readFolder(project.path(""));
    expect(faults).toEqual([]);
    expect(manifest.tables[0]?.changes.map(({ file }) => file)).toEqual(
      ["0001-add-ours", "0001-add-theirs", "0002-add-theirs"].map((name) => `${CHANGES}${name}.sql`),
    );
    expect(project.told()).toEqual([]);
    expect(project.generate()).toMatchObject([{ written: [] }]);
  });
});
