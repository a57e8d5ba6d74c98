import { columns, MigrationProject, type SourceColumn } from "../../test/harness/migration-project";
import { removeProjects } from "../../test/fixtures/project";
import { readFolder } from "../folder";

afterAll(removeProjects);

/** A second service on the same sink that has the table Line. */
function addService(project: MigrationProject, lines: readonly SourceColumn[]): void {
  project.write("services/other.yaml", {
    other: {
      source: { tables: { "dbo.Line": {} } },
      sinks: { "main.shop": { databases: { dev: "shop_dev", prod: "shop" }, tables: { "{{SCHEMA}}.Line": null } } },
    },
  });
  const table = { schema: "dbo", service: "other", table: "Line", columns: lines };
  project.write("services/_schemas/other/dbo/Line.yaml", table);
}

/** A project with a step for Line, whose Line then goes from shop to another service with a column more. */
function moved(): MigrationProject {
  const project = new MigrationProject();
  project.generate();
  const lines = (more: Readonly<Record<string, string>>) => columns({ Amount: "decimal(8,2) not null", ...more });
  const actor = columns({ Name: "nvarchar(50)" });
  project.configure({ tables: { Actor: actor, Line: lines({ First: "int", Old: "int" }) } });
  project.generate();
  project.configure({ tables: { Actor: actor }, sinkTables: { "{{SCHEMA}}.Actor": null } });
  addService(project, lines({ First: "int", Second: "nvarchar(9)" }));
  return project;
}

test("a rename whose new name is there already makes no step, also where the old column was kept", () => {
  const hinted = (hints: object) => ({ "{{SCHEMA}}.Actor": { manual_migration_hints: hints } });
  const project = new MigrationProject({ tables: { Actor: columns({ A: "int" }) }, sinkTables: hinted({}) });
  project.generate();
  const not_renamed = [{ from: "A", to: "C" }];
  project.configure({ tables: { Actor: columns({ C: "int" }) }, sinkTables: hinted({ not_renamed }) });
  expect(project.generate()).toMatchObject([{ steps: [expect.any(String)] }]);
  for (const renames of [[{ from: "A", to: "C" }], ["A", "B"].map((from, i) => ({ from, to: ["B", "C"][i] }))]) {
    project.configure({ sinkTables: hinted({ renames }) });
    expect([project.told(), project.generate()]).toMatchObject([[], [{ steps: [], written: [] }]]);
  }
});

describe("a table that goes to another service", () => {
  test("keeps its files and steps, evolves, and nobody is told to drop it", () => {
    const project = moved();
    expect(project.told()).toEqual(["COLUMN_ADDED {{SCHEMA}}.Line.Second", "COLUMN_REMOVED {{SCHEMA}}.Line.Old"]);
    const [report] = project.generate();
    expect(report?.steps).toEqual([expect.stringContaining("Line/0002-")]);
    expect(report?.manual).toEqual([expect.stringContaining("Line-drop-old")]);
    const { manifest, faults } = readFolder(project.path(""));
    expect([manifest.removed, faults]).toEqual([[], []]);
    const entries = manifest.tables.filter(({ table }) => table === "Line");
    expect(entries).toMatchObject([{ service: "other", kept: { Old: "integer" } }]);
    expect(entries[0]?.files[0]?.file).toBe("01-tables/{{SCHEMA}}/Line.sql");
    expect(entries[0]?.changes).toHaveLength(2);
    expect(project.told()).toEqual([]);
    expect(project.generate()).toMatchObject([{ written: [], steps: [] }]);
  });

  test("is not to be dropped either when services are generated one by one", () => {
    const project = moved();
    project.generate({ service: "other" });
    project.generate({ service: "shop" });
    const { manifest } = readFolder(project.path(""));
    expect([manifest.removed, manifest.manual.filter(({ file }) => file.includes("drop-table"))]).toEqual([[], []]);
  });
});
