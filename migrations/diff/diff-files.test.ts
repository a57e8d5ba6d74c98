import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { serviceModels } from "../../test/arbitraries/service-models";
import { removeProjects } from "../../test/fixtures/project";
import { columns, MigrationProject, type SourceColumn } from "../../test/harness/migration-project";
import { generate } from "../generate/generate";
import { diffFiles } from "./diff-files";

afterAll(removeProjects);

const BEFORE = { Name: "nvarchar(50)", Code: "int", Paid: "decimal(8,2)", Note: "date" };

function changed(after: Readonly<Record<string, string>>): MigrationProject {
  const project = new MigrationProject({
    tables: { Actor: columns(BEFORE) },
    sinkTables: { "{{SCHEMA}}.Actor": null },
  });
  project.generate();
  project.configure({ tables: { Actor: columns(after) } });
  return project;
}

describe("the differences between configuration and files", () => {
  test.each([
    ["COLUMN_ADDED", "info", { ...BEFORE, Born: "datetime2(3)" }],
    ["COLUMN_ADDED", "warning", { ...BEFORE, Born: "datetime2(3) not null" }],
    ["COLUMN_REMOVED", "warning", { Name: "nvarchar(50)", Code: "int", Paid: "decimal(8,2)" }],
    ["COLUMN_TYPE_CHANGED", "warning", { ...BEFORE, Name: "nvarchar(90)" }],
    ["COLUMN_TYPE_CHANGED", "breaking", { ...BEFORE, Name: "nvarchar(9)" }],
    ["COLUMN_TYPE_CHANGED", "breaking", { ...BEFORE, Code: "bigint" }],
    ["COLUMN_TYPE_CHANGED", "breaking", { ...BEFORE, Note: "uniqueidentifier" }],
    ["NULLABILITY_CHANGED", "warning", { ...BEFORE, Code: "int not null" }],
  ])("are told as %s, %s", (kind, severity, after) => {
    const project = changed(after);
    expect(project.diff()).toMatchObject([{ kind, severity, sink: "main.shop", service: "shop" }]);
    project.generate();
    expect(project.diff()).toEqual([]);
  });

  test("are none for the order of columns, a description, or what the sink doesn't take", () => {
    const project = changed({ Note: "date", Paid: "decimal(8,2)", Name: "nvarchar(50)", Code: "int" });
    const kinds = project.diff().map(({ kind }) => kind);
    expect(kinds).toEqual(["FILE_OUTDATED"]);
    expect(project.generate()).toMatchObject([{ steps: [], manual: [] }]);
  });

  test("tell a change of the key, of deletes, of staging, and of the role", () => {
    const key = (name: string): SourceColumn => ({ name, type: "int", nullable: false, primary_key: true });
    const project = new MigrationProject({
      tables: { Actor: [key("Id"), { name: "No", type: "int", nullable: false }] },
      sinkTables: { "{{SCHEMA}}.Actor": null },
    });
    project.generate();
    project.configure({ sinkTables: { "{{SCHEMA}}.Actor": { on_delete: "soft" } } });
    expect(project.told()).toEqual(["MERGE_CHANGED {{SCHEMA}}.Actor"]);
    project.configure({ sinkTables: { "{{SCHEMA}}.Actor": { staging: "logged" } } });
    expect(project.told()).toEqual(["STAGING_CHANGED {{SCHEMA}}.Actor"]);
    project.configure({ sinkTables: { "{{SCHEMA}}.Actor": null }, sink: { application_role: "loader" } });
    expect(project.told()).toContain("GRANTS_CHANGED {{SCHEMA}}.Actor");
    project.configure({ sink: {}, tables: { Actor: [key("Id"), key("No")] } });
    expect(project.diff()).toMatchObject([{ kind: "PRIMARY_KEY_CHANGED", severity: "breaking" }]);
  });

  test("tell tables that came and went, once", () => {
    const project = new MigrationProject({ sinkTables: { "{{SCHEMA}}.Actor": null } });
    expect(project.told()).toEqual(["TABLE_ADDED {{SCHEMA}}.Actor"]);
    project.generate();
    project.configure({ sinkTables: { "{{SCHEMA}}.Line": null } });
    expect(project.told()).toEqual(["TABLE_ADDED {{SCHEMA}}.Line", "TABLE_REMOVED {{SCHEMA}}.Actor"]);
    expect(project.diff({ table: "Actor" }).map(({ kind }) => kind)).toEqual(["TABLE_REMOVED"]);
    project.generate();
    expect(project.told()).toEqual([]);
  });

  test("tell files that were edited or are gone, and sinks without configuration", () => {
    const project = new MigrationProject();
    project.generate();
    writeFileSync(project.path("01-tables/{{SCHEMA}}/Actor.sql"), "-- gone\n");
    project.remove("migrations/main.shop/01-tables/{{SCHEMA}}/Line.sql");
    project.write("migrations/main.old/manifest.yaml", project.read("manifest.yaml"));
    expect(project.told().sort()).toEqual([
      "FILE_EDITED 01-tables/{{SCHEMA}}/Actor.sql",
      "FILE_MISSING 01-tables/{{SCHEMA}}/Line.sql",
      "SINK_REMOVED main.old",
    ]);
  });

  test("are none right after generate, and generate writes nothing, whatever the configuration", () => {
    fc.assert(
      fc.property(serviceModels, (input) => {
        const migrations = mkdtempSync(join(tmpdir(), "cdc-diff-"));
        generate([input], { migrations });
        expect(diffFiles([input], { migrations, everyService: true })).toEqual([]);
        expect(generate([input], { migrations })).toMatchObject([{ written: [], removed: [], steps: [], manual: [] }]);
        rmSync(migrations, { recursive: true });
      }),
      { numRuns: 25 },
    );
  });
});
