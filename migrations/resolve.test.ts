import { removeProjects } from "../test/fixtures/project";
import { columns, MigrationProject } from "../test/harness/migration-project";
import { readFolder } from "./folder";
import { resolveManual } from "./resolve";

afterAll(removeProjects);

describe("resolving a manual file", () => {
  test("takes the file and its entry away, for good", () => {
    const project = new MigrationProject({
      tables: { Actor: columns({ A: "int", B: "date" }) },
      sinkTables: { "{{SCHEMA}}.Actor": null },
    });
    project.generate();
    project.configure({ tables: { Actor: columns({ A: "int" }) } });
    const [file = ""] = project.generate()[0]?.manual ?? [];
    expect(resolveManual([project.path("")], `migrations/main.shop/${file}`)).toEqual({
      sink: "main.shop",
      file,
      removed: [file],
      left: [],
    });
    expect(project.has(file)).toBe(false);
    expect(project.generate()).toMatchObject([{ written: [], manual: [] }]);
    project.configure({ tables: { Actor: columns({ A: "int", B: "date" }) } });
    const [step = ""] = project.generate()[0]?.steps ?? [];
    expect(project.read(step)).toContain('ADD COLUMN IF NOT EXISTS "B" date');
  });

  test("of a removed table takes the table's files away as well", () => {
    const project = new MigrationProject();
    project.generate();
    project.configure({ sinkTables: { "{{SCHEMA}}.Line": null } });
    const [file = ""] = project.generate()[0]?.manual ?? [];
    expect(resolveManual([project.path("")], file).removed).toHaveLength(3);
    expect(readFolder(project.path("")).manifest).toMatchObject({ removed: [], manual: [] });
    expect(project.has("01-tables/{{SCHEMA}}/Actor.sql")).toBe(false);
    expect(project.generate()).toMatchObject([{ written: [], tablesRemoved: [] }]);
  });

  test("names the files that there are when it is none of them", () => {
    const project = new MigrationProject();
    project.generate();
    expect(() => resolveManual([project.path("")], "manual/x.sql")).toThrow(
      expect.objectContaining({ code: "CDC_NO_MANUAL_FILE", hint: "Nothing waits for a person." }) as Error,
    );
  });
});
