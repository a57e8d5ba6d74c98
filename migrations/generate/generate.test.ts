import { statSync, writeFileSync } from "node:fs";
import { expectGolden } from "../../test/harness/golden";
import { columns, MigrationProject, withoutBodies } from "../../test/harness/migration-project";
import { removeProjects } from "../../test/fixtures/project";
import { readFolder } from "../folder";
import { bodyOf, renderFile } from "../migration-file";
import { unitsOf } from "../migration-set";
import { substitute } from "../substitute";

const ACTOR = "01-tables/{{SCHEMA}}/Actor.sql";
const ACTOR_STAGING = "01-tables/{{SCHEMA}}/Actor-staging.sql";
const CUSTOMER_ID = { template: "customer_id" };
const TEMPLATES = {
  customer_id: { name: "_customer_id", type: "uuid", not_null: true, value: "{shops.sources.*.customer_id}" },
};

afterAll(removeProjects);

describe("generate", () => {
  test("writes files that people can read", () => {
    const project = new MigrationProject({
      sinkTables: {
        "{{SCHEMA}}.Actor": { column_templates: [CUSTOMER_ID] },
        "{{SCHEMA}}.Line": { target_exists: true },
      },
      templates: TEMPLATES,
    });
    project.generate();
    const texts = project.texts();
    const names = [
      ACTOR,
      ACTOR_STAGING,
      "01-tables/{{SCHEMA}}/Line.sql",
      "00-infrastructure/01-create-schemas.sql",
      "manifest.yaml",
    ];
    for (const name of names)
      expectGolden(
        `migrations/${name.replaceAll(/[{}]/g, "")}`,
        withoutBodies(texts[`migrations/main.shop/${name}`] ?? ""),
      );
    expectGolden("migrations/table-definition.yaml", texts["generated/table-definitions/main.shop/Actor.yaml"] ?? "");
  });

  test("gives three customers three sets of tables, each with its own values", () => {
    const project = new MigrationProject({
      sinkTables: { "{{SCHEMA}}.Actor": { column_templates: [CUSTOMER_ID] } },
      templates: TEMPLATES,
    });
    project.generate();
    const { manifest } = readFolder(project.path(""));
    const texts = unitsOf(manifest, "prod").map(({ entry, target }) =>
      substitute(project.read(entry.files[1]?.file ?? ""), target),
    );
    expect(texts).toHaveLength(3);
    for (const [index, name] of ["elv", "fjord", "skog"].entries()) {
      expect(texts[index]).toContain(`"${name}"."stg_Actor"`);
      expect(texts[index]).toContain(`"database":"Shop_${name}"`);
      expect(texts[index]).not.toContain("{{");
    }
    expect(new Set(texts.map((text) => /-- shape (\w+)/.exec(text)?.[1])).size).toBe(3);
  });

  test("writes the same bytes again, and nothing the second time", () => {
    const project = new MigrationProject();
    project.generate();
    const before = project.texts();
    const { mtimeNs } = statSync(project.path("manifest.yaml"), { bigint: true });
    expect(project.generate()).toMatchObject([{ written: [], removed: [], steps: [], definitions: [], unchanged: 6 }]);
    expect(project.texts()).toEqual(before);
    expect(statSync(project.path("manifest.yaml"), { bigint: true }).mtimeNs).toBe(mtimeNs);
    const other = new MigrationProject();
    other.generate();
    expect(other.texts()).toEqual(before);
  });

  test("writes nothing when it is only a dry run, and tells what it would write", () => {
    const project = new MigrationProject();
    expect(project.generate({ dryRun: true })[0]?.written).toContain(ACTOR);
    expect(project.texts()).toEqual({});
  });

  test("touches only the table that is named, and keeps the manifest whole", () => {
    const project = new MigrationProject();
    project.generate();
    const before = project.texts();
    project.configure({
      tables: {
        Actor: columns({ Name: "nvarchar(50)", Age: "int" }),
        Line: columns({ Amount: "decimal(9,2) not null" }),
      },
    });
    expect([...(project.generate({ table: "Actor" })[0]?.written ?? [])].sort()).toEqual(
      [ACTOR_STAGING, ACTOR, "02-changes/{{SCHEMA}}/Actor/0001-add-age.sql", "manifest.yaml"].sort(),
    );
    const { manifest } = readFolder(project.path(""));
    expect(manifest.tables.map(({ table }) => table)).toEqual(["Actor", "Line"]);
    expect(manifest.manual).toEqual([]);
    const after = project.texts();
    const line = Object.keys(before).filter((path) => /Line|infrastructure/.test(path));
    expect(line).toHaveLength(5);
    for (const path of line) expect(after[path]).toBe(before[path]);
    expect(() => project.generate({ table: "Actr" })).toThrow(
      expect.objectContaining({ code: "CDC_NO_SUCH_TABLE", hint: "Did you mean Actor?" }) as Error,
    );
  });

  test("takes one service or one sink of several, and leaves the rest as it is", () => {
    const project = new MigrationProject();
    project.write("services/other.yaml", {
      other: {
        source: { tables: { "dbo.Thing": {} } },
        sinks: { "main.shop": { databases: { dev: "shop_dev", prod: "shop" }, tables: { "{{SCHEMA}}.Thing": null } } },
      },
    });
    project.write("services/_schemas/other/dbo/Thing.yaml", {
      schema: "dbo",
      table: "Thing",
      columns: columns({ A: "int" }),
    });
    project.generate({ service: "shop" });
    expect(readFolder(project.path("")).manifest.tables.map(({ table }) => table)).toEqual(["Actor", "Line"]);
    project.generate({ service: "other" });
    const stepwise = project.texts();
    expect(readFolder(project.path("")).manifest.tables.map(({ table }) => table)).toEqual(["Thing", "Actor", "Line"]);
    expect(project.generate()).toMatchObject([{ written: [], removed: [] }]);
    expect(project.texts()).toEqual(stepwise);
    expect(() => project.generate({ sink: "main.shopp" })).toThrow(
      expect.objectContaining({ code: "CDC_NO_SUCH_SINK", hint: "Did you mean main.shop?" }) as Error,
    );
  });

  test("takes the tables of a service that is gone for removed, unless it is about one service only", () => {
    const project = new MigrationProject();
    project.write("services/other.yaml", {
      other: {
        source: { tables: { "dbo.Thing": {} } },
        sinks: { "main.shop": { databases: { dev: "shop_dev", prod: "shop" }, tables: { "{{SCHEMA}}.Thing": null } } },
      },
    });
    project.write("services/_schemas/other/dbo/Thing.yaml", {
      schema: "dbo",
      table: "Thing",
      columns: columns({ A: "int" }),
    });
    project.generate();
    project.remove("services/other.yaml");
    expect(project.generate({ service: "shop" })).toMatchObject([{ written: [], tablesRemoved: [] }]);
    expect(project.told()).toEqual(["TABLE_REMOVED {{SCHEMA}}.Thing"]);
    expect(project.generate()).toMatchObject([{ tablesRemoved: ["{{SCHEMA}}.Thing"] }]);
    expect(Object.keys(readFolder(project.path("")).manifest.schemas["dev"]?.[0]?.services ?? {})).toEqual(["shop"]);
  });

  test("notices a file that was edited by hand, and writes over it only when forced", () => {
    const project = new MigrationProject();
    project.generate();
    const text = project.read(ACTOR);
    writeFileSync(project.path(ACTOR), text.replace("varchar(50)", "varchar(51)"));
    expect(() => project.generate()).toThrow(
      /main\.shop\/01-tables\/\{\{SCHEMA\}\}\/Actor\.sql was edited by hand\nNothing was written\./,
    );
    expect(() => project.generate({ table: "Line" })).not.toThrow();
    project.generate({ force: true });
    expect(project.read(ACTOR)).toBe(text);
  });

  test("accepts a file that a checkout gave other line ends", () => {
    const project = new MigrationProject();
    project.generate();
    writeFileSync(project.path(ACTOR), project.read(ACTOR).replaceAll("\n", "\r\n"));
    expect(project.told()).toEqual([]);
  });

  test("writes files of an older version anew without seeing a change in them", () => {
    const project = new MigrationProject();
    project.generate();
    const text = project.read(ACTOR);
    const older = renderFile(
      ACTOR,
      [["Source", "somewhere"]],
      bodyOf([text.slice(text.indexOf("CREATE TABLE"), text.indexOf(");") + 1)]),
    );
    writeFileSync(project.path(ACTOR), older.text);
    project.write(
      "migrations/main.shop/manifest.yaml",
      project.read("manifest.yaml").replace(/sha256:\w+(?=\}\n\s+- .*Actor-staging)/, older.checksum),
    );
    expect(project.diff()).toMatchObject([{ kind: "FILE_OUTDATED", object: ACTOR }]);
    expect(project.generate()).toMatchObject([{ written: [ACTOR, "manifest.yaml"], steps: [] }]);
    expect(project.read(ACTOR)).toBe(text);
  });

  test("gives a customer whose table is another one files of its own", () => {
    const project = new MigrationProject({
      tables: { Actor: columns({ Name: "nvarchar(50)" }), Special: columns({ Extra: "int" }) },
      sinkTables: { "fjord.Actor": { from: "dbo.Special" }, "skog.Actor": null, "elv.Actor": null },
    });
    project.generate();
    const { manifest } = readFolder(project.path(""));
    expect(manifest.tables).toMatchObject([
      { schema: "fjord", table: "Actor" },
      { schema: "{{SCHEMA}}", table: "Actor", except: ["fjord"] },
    ]);
    expect(unitsOf(manifest, "dev").map(({ entry, target }) => `${target.schema} ${entry.schema}`)).toEqual([
      "elv {{SCHEMA}}",
      "fjord fjord",
      "skog {{SCHEMA}}",
    ]);
    expect(project.read("01-tables/fjord/Actor.sql")).toContain('CREATE TABLE IF NOT EXISTS "fjord"."Actor"');
  });

  test("needs only the manifest for a new customer", () => {
    const project = new MigrationProject();
    project.generate();
    project.configure({
      customers: {
        fjord: { dev: { database: "F" }, prod: { database: "F" } },
        skog: { dev: { database: "S" } },
        bre: { dev: { database: "B" } },
      },
    });
    expect(project.told()).toEqual([
      "SCHEMA_ADDED bre (dev)",
      "SCHEMA_REMOVED elv (dev)",
      "SCHEMA_REMOVED elv (prod)",
      "SCHEMA_REMOVED skog (prod)",
    ]);
    expect(project.generate()).toMatchObject([{ written: ["manifest.yaml"] }]);
    expect(project.told()).toEqual([]);
  });

  test("names tables, environments and the difference when one set of files can't serve all environments", () => {
    const project = new MigrationProject();
    const [input] = project.services();
    const [dev, prod] = input?.models ?? [];
    const sinks = prod?.sinks.map((sink) => ({
      ...sink,
      tables: sink.tables.map((table) => ({ ...table, onDelete: "soft" as const })),
    }));
    if (input === undefined || dev === undefined || prod === undefined || sinks === undefined)
      throw new Error("no models");
    project.services = () => [{ ...input, models: [dev, { ...prod, sinks }] }];
    expect(() => project.generate()).toThrow(
      /fjord\.Actor of service shop is not the same in environments dev and prod: in prod on_delete is soft, not hard/,
    );
  });
});
