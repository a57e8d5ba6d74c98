import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import { removeProjects } from "../test/fixtures/project";
import { runCdc, type CapturedRun } from "../test/harness/captured-io";
import { columns, MigrationProject } from "../test/harness/migration-project";

afterAll(removeProjects);

/** What the SARIF 2.1.0 schema and code scanning ask of a log. */
const SARIF = {
  type: "object",
  required: ["version", "runs", "$schema"],
  properties: {
    version: { const: "2.1.0" },
    runs: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        required: ["tool", "results"],
        properties: {
          tool: {
            type: "object",
            required: ["driver"],
            properties: {
              driver: {
                type: "object",
                required: ["name", "rules"],
                properties: {
                  rules: {
                    type: "array",
                    items: {
                      type: "object",
                      required: ["id", "shortDescription"],
                      properties: { id: { type: "string" }, shortDescription: { type: "object", required: ["text"] } },
                    },
                  },
                },
              },
            },
          },
          results: {
            type: "array",
            items: {
              type: "object",
              required: ["ruleId", "ruleIndex", "level", "message", "locations"],
              properties: {
                level: { enum: ["none", "note", "warning", "error"] },
                ruleIndex: { type: "integer", minimum: 0 },
                message: { type: "object", required: ["text"], properties: { text: { type: "string", minLength: 1 } } },
                locations: {
                  type: "array",
                  minItems: 1,
                  items: {
                    type: "object",
                    required: ["physicalLocation"],
                    properties: {
                      physicalLocation: {
                        type: "object",
                        required: ["artifactLocation", "region"],
                        properties: {
                          artifactLocation: {
                            type: "object",
                            required: ["uri"],
                            properties: { uri: { type: "string", pattern: "^[^/\\\\{} ][^\\\\{} ]*$" } },
                          },
                          region: {
                            type: "object",
                            required: ["startLine"],
                            properties: { startLine: { type: "integer", minimum: 1 } },
                          },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

interface Annotation {
  readonly ruleId: string;
  readonly level: string;
  readonly locations: readonly [
    {
      readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string };
        readonly region: { readonly startLine: number };
      };
    },
  ];
}

function cdc(project: MigrationProject, ...argv: string[]): Promise<CapturedRun> {
  return runCdc(["migrations", ...argv], { cwd: project.directory, env: {} });
}

describe("cdc manage-migrations", () => {
  test("generate ends 0, says what it wrote, and that nothing is to do the second time", async () => {
    const project = new MigrationProject();
    const first = await cdc(project, "generate");
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toMatch(/main\.shop: wrote 7 files in migrations\/main\.shop, 0 unchanged/);
    expect((await cdc(project, "generate")).stdout).toMatch(/unchanged: main\.shop, 2 tables/);
    const { stdout } = await cdc(project, "generate", "--dry-run", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ dryRun: true, sinks: [{ sink: "main.shop", written: [] }] });
  });

  test("diff ends 0 without a difference, 1 with one, 2 with an error", async () => {
    const project = new MigrationProject();
    expect(await cdc(project, "diff")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("TABLE_ADDED") as string,
    });
    await cdc(project, "generate");
    expect(await cdc(project, "diff")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("no difference") as string,
    });
    project.configure({
      tables: { Actor: columns({ Name: "nvarchar(50)", Age: "int" }), Line: columns({ Amount: "int not null" }) },
    });
    const { code, stdout } = await cdc(project, "diff", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      differences: 2,
      changes: [
        { kind: "COLUMN_ADDED", severity: "info", object: "{{SCHEMA}}.Actor.Age" },
        {
          kind: "COLUMN_TYPE_CHANGED",
          severity: "breaking",
          object: "{{SCHEMA}}.Line.Amount",
          hazard: { rewrite: true },
        },
      ],
    });
    expect((await cdc(project, "diff", "--table", "Actor")).stdout).not.toContain("Line");
    project.write("migrations/main.shop/manifest.yaml", "version: 2\n");
    const failed = await cdc(project, "diff");
    expect(failed).toMatchObject({ code: 2, stdout: "" });
    expect(failed.stderr).toMatch(/manifest\.yaml: has version 2; this program reads version 1\nhint: It is generated/);
  });

  test("diff writes SARIF with the line of the YAML, or of the SQL for what only files have", async () => {
    const project = new MigrationProject();
    await cdc(project, "generate");
    project.write(".git/HEAD", "");
    project.configure({
      tables: { Actor: columns({ Age: "int", Rank: "date" }), Line: columns({ Amount: "int not null" }) },
    });
    expect((await cdc(project, "diff", "--sarif", "out/diff.sarif")).code).toBe(1);
    const text = readFileSync(join(project.directory, "out/diff.sarif"), "utf8");
    const log = JSON.parse(text) as { runs: [{ results: Annotation[] }] };
    const valid = new Ajv({ allErrors: true }).compile(SARIF);
    expect([valid(log), valid.errors]).toEqual([true, null]);
    const told = log.runs[0].results.map(({ ruleId, level, locations: [{ physicalLocation }] }) => {
      const uri = decodeURIComponent(physicalLocation.artifactLocation.uri);
      const line = readFileSync(join(project.directory, uri), "utf8").split("\n")[
        physicalLocation.region.startLine - 1
      ];
      return `${ruleId} ${level} ${uri}: ${line?.trim() ?? ""}`;
    });
    expect(told).toEqual([
      "COLUMN_ADDED note services/_schemas/shop/dbo/Actor.yaml: - name: Age",
      "COLUMN_ADDED note services/_schemas/shop/dbo/Actor.yaml: - name: Rank",
      'COLUMN_REMOVED warning migrations/main.shop/01-tables/{{SCHEMA}}/Actor.sql: "Name" varchar(50),',
      "COLUMN_TYPE_CHANGED error services/_schemas/shop/dbo/Line.yaml: - name: Amount",
    ]);
  });

  test.each([
    [["generate"], "CDC_MIGRATION_EDITED", /main\.shop\/01-tables.*Actor\.sql was edited by hand/],
    [["generate", "--table", "Nope"], "CDC_NO_SUCH_TABLE", /the configuration has no table Nope/],
    [["generate", "--sink", "main.nope"], "CDC_NO_SUCH_SINK", /the configuration has no sink main\.nope/],
    [["generate", "--service", "nope"], "CDC_CONFIG_INVALID", /there is no service nope/],
    [["diff", "--env", "dev", "--table", "Actor"], "CDC_FLAGS", /--table doesn't go with --env/],
    [["resolve", "manual/nope.sql"], "CDC_NO_MANUAL_FILE", /no manual file manual\/nope\.sql/],
  ])("%j that can't be done ends 2 with %s, a cause and a remedy", async (argv, code, message) => {
    const project = new MigrationProject();
    await cdc(project, "generate");
    const actor = project.path("01-tables/{{SCHEMA}}/Actor.sql");
    writeFileSync(actor, readFileSync(actor, "utf8").replace("varchar(50)", "varchar(51)"));
    const failed = await cdc(project, ...argv, "--json");
    expect(failed.code).toBe(2);
    const { error } = JSON.parse(failed.stderr) as { error: { code: string; message: string; hint?: string } };
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
    expect(failed.stderr).not.toMatch(/\n\s+at /);
  });

  test("generate asks whether a column was renamed, with both answers ready to be copied", async () => {
    const project = new MigrationProject();
    await cdc(project, "generate");
    project.configure({
      tables: { Actor: columns({ "Full Name": "nvarchar(50)" }), Line: columns({ Amount: "decimal(8,2) not null" }) },
    });
    const { code, stderr } = await cdc(project, "generate");
    expect(code).toBe(2);
    expect(stderr).toContain(
      "question: is Full Name in {{SCHEMA}}.Actor the column Name under a new name? Both are varchar(50).",
    );
    expect(stderr).toContain('yes  renames: [{from: Name, to: "Full Name"}]  its values stay');
    const { error } = JSON.parse((await cdc(project, "generate", "--json")).stderr) as { error: { code: string } };
    expect(error.code).toBe("CDC_RENAME_UNCLEAR");
  });

  test("generate takes the role that the stacks name, and refuses two of them for one set of files", async () => {
    const project = new MigrationProject();
    project.write("Pulumi.yaml", { name: "shop", runtime: "nodejs" });
    for (const stack of ["dev", "prod"])
      project.write(`Pulumi.${stack}.yaml`, { config: { "cdc:applicationRole": "loader" } });
    await cdc(project, "generate");
    expect(project.read("01-tables/{{SCHEMA}}/Actor.sql")).toContain('TO "loader"');
    project.write("Pulumi.prod.yaml", { config: { "cdc:applicationRole": "other" } });
    const { code, stderr } = await cdc(project, "generate");
    expect(code).toBe(2);
    expect(stderr).toContain(
      "sink main.shop has the application role loader in service shop, environment dev, and other in service shop, environment prod",
    );
  });

  test("a column that a transform makes is generated, and no difference afterwards", async () => {
    const project = new MigrationProject();
    project.configure({
      sinkTables: {
        "{{SCHEMA}}.Actor": {
          transforms: [
            { bloblang_ref: "examples/initials", expected_output_column: "_initials", output_type: "varchar(9)" },
          ],
        },
      },
    });
    await cdc(project, "generate");
    expect(project.read("01-tables/{{SCHEMA}}/Actor.sql")).toMatch(/"_initials" varchar\(9\)/);
    expect(project.read("01-tables/{{SCHEMA}}/Actor.sql")).toMatch(/-- Transforms: .*initials/);
    expect((await cdc(project, "diff")).code).toBe(0);
  });

  test("a file that was spoiled by hand is named, and written anew when forced", async () => {
    const project = new MigrationProject();
    await cdc(project, "generate");
    const staging = project.path("01-tables/{{SCHEMA}}/Actor-staging.sql");
    const text = readFileSync(staging, "utf8");
    writeFileSync(staging, "-- empty\n");
    expect(await cdc(project, "generate")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Actor-staging.sql was edited by hand") as string,
    });
    expect(await cdc(project, "diff")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("FILE_EDITED") as string,
    });
    expect((await cdc(project, "generate", "--force")).code).toBe(0);
    expect(readFileSync(staging, "utf8")).toBe(text);
  });
});
