import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runCdc } from "../test/harness/captured-io";
import { expectGolden } from "../test/harness/golden";

const PERSON = `schema: dbo
table: Person
columns:
  - { name: Id, type: int, nullable: false, primary_key: true }
  - { name: First, type: nvarchar(50) }
  - { name: Last, type: nvarchar(50) }
  - { name: Born, type: date }
  - { name: Secret, type: nvarchar(50) }
`;
const TAGS = `schema: dbo
table: Tags
columns:
  - { name: Id, type: int, nullable: false, primary_key: true }
  - { name: Tags, type: nvarchar(max) }
`;
const FILES: Readonly<Record<string, string>> = {
  "source-groups.yaml": `people:
  pattern: db-per-tenant
  type: mssql
  sources:
    north: { schemas: [dbo], dev: { server: x, database: North } }
    south: { schemas: [dbo], dev: { server: x, database: South } }
`,
  "services/people.yaml": `people:
  source:
    tables:
      dbo.Person: { ignore_columns: [Secret] }
      dbo.Tags:
  sinks:
    main.people:
      database: people
      tables:
        "{{SCHEMA}}.person":
          from: dbo.Person
          columns: { id: Id }
          transforms:
            - { bloblang_ref: adults }
            - { bloblang_ref: full_name, expected_output_column: full_name, output_type: varchar(101) }
            - { bloblang_ref: shout, expected_output_column: Last, execution_stage: source }
        "{{SCHEMA}}.tag":
          from: dbo.Tags
          primary_key: [Id, tag]
          transforms:
            - { bloblang_ref: split_tags, expected_output_column: tag, output_type: text }
`,
  "services/_schemas/people/dbo/Person.yaml": PERSON,
  "services/_schemas/people/dbo/Tags.yaml": TAGS,
  "services/_schemas/transform-rules.yaml": `rules:
  adults: { type: filter, bloblang_ref: services/_bloblang/adults.blobl, notes: those born before 2008 }
  split_tags: { type: row_multiplier, bloblang_ref: split.blobl }
`,
  "services/_bloblang/adults.blobl": 'root = this.Born < "2008"\n',
  "services/_bloblang/full_name.blobl": 'root = (this.First.or("") + " " + this.Last.or("")).trim()\n',
  "services/_bloblang/shout.blobl": "root = this.Last.uppercase()\n",
  "services/_bloblang/split.blobl": `let row = this
root = this.Tags.or("").split(",").map_each(tag -> $row.assign({"tag": tag}))
`,
};
const SINK = "generated/pipelines/dev/people/sinks/main.people/north.yaml";

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "cdc-pipelines-"));
  for (const [path, text] of Object.entries(FILES)) write(path, text);
});

afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(cwd, path)), { recursive: true });
  writeFileSync(join(cwd, path), text);
}

function read(path: string): string {
  return readFileSync(join(cwd, path), "utf8");
}

async function cdc(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string; json: unknown }> {
  const ran = await runCdc(["pipelines", ...argv], { cwd, env: { PATH: join(cwd, "bin") } });
  return { ...ran, json: argv.includes("--json") ? JSON.parse(ran.stdout || "null") : undefined };
}

async function problems(): Promise<string[]> {
  const { code, json } = await cdc("lint", "--json");
  const found = (json as { problems: { path: string; text: string }[] }).problems;
  expect(code).toBe(found.length === 0 ? 0 : 2);
  return found.map(({ path, text }) => `${path}: ${text}`);
}

describe("cdc pipelines", () => {
  test("generates documents that anybody can read", async () => {
    const { code, stdout } = await cdc("generate");
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("6 documents written") });
    expectGolden("pipelines/connect-sink.yaml", read(SINK));
    expectGolden("pipelines/connect-source.yaml", read("generated/pipelines/dev/people/sources/north.connect.yaml"));
    expectGolden("pipelines/debezium-source.json", read("generated/pipelines/dev/people/sources/north.debezium.json"));
    expect(await problems()).toEqual([]);
    expect((await cdc("generate", "--json")).json).toMatchObject({
      missing: [],
      changed: [],
      orphans: [],
      documents: 6,
    });
  });

  test("compares the files with the configuration: 1 when they differ, 0 when not", async () => {
    expect((await cdc("diff")).code).toBe(1);
    await cdc("generate");
    expect((await cdc("diff")).code).toBe(0);
    appendFileSync(join(cwd, SINK), "# mine\n");
    write("services/people.yaml", FILES["services/people.yaml"]?.replace("main.people", "main.folk") ?? "");
    const { code, json } = await cdc("diff", "--json");
    expect({ code, json }).toMatchObject({
      code: 1,
      json: { missing: expect.arrayContaining(["dev/people/sinks/main.folk/north.yaml"]) as string[] },
    });
    expect((json as { orphans: string[] }).orphans).toContain("dev/people/sinks/main.people/north.yaml");
  });

  test("prunes what nothing asks for any more, and nothing else", async () => {
    await cdc("generate");
    write("generated/pipelines/dev/people/sinks/main.people/mine.yaml", "input: {}\n");
    write("generated/pipelines/dev/people/sources/mine.debezium.json", '{ "name": "mine", "config": {} }\n');
    write("source-groups.yaml", (FILES["source-groups.yaml"] ?? "").replace(/ {4}south.*\n/, ""));
    const asked = await cdc("prune");
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining("south.yaml") as string });
    expect((await cdc("list", "--json")).json).toContainEqual(
      expect.objectContaining({ path: "dev/people/sinks/main.people/south.yaml", state: "orphan" }),
    );
    expect((await cdc("prune", "--yes", "--json")).json).toMatchObject({ removed: expect.any(Array) as string[] });
    expect(existsSync(join(cwd, SINK.replace("north", "south")))).toBe(false);
    expect(existsSync(join(cwd, SINK.replace("north", "mine")))).toBe(true);
    expect(existsSync(join(cwd, "generated/pipelines/dev/people/sources/mine.debezium.json"))).toBe(true);
    expect(existsSync(join(cwd, "generated/pipelines/dev/people/sources/south.debezium.json"))).toBe(false);
    expect((await cdc("diff")).code).toBe(0);
  });

  test("takes a project's own template of a service, and tells what it lacks", async () => {
    write("templates/pipelines/people/connect-sink.yaml", "# mine\ninput: {}\ntopics: [{{consumer_group}}]\n");
    await cdc("generate");
    expect(read(SINK)).toBe('# mine\ninput: {}\ntopics: ["dev.people.main.people.north"]\n');
    for (const [text, told] of [
      ["input: {{nothing}}\n", "there is no value {{nothing}}"],
      ["{{#nothing}}input: 1{{/nothing}}\n", "there is no value {{nothing}}"],
      ["{{^nothing}}input: 1{{/nothing}}\n", "there is no value {{nothing}}"],
      ["{{>other}}\n", "there are no partial templates"],
    ] as const) {
      write("templates/pipelines/people/connect-sink.yaml", text);
      expect(await cdc("generate")).toMatchObject({ code: 2, stderr: expect.stringContaining(told) as string });
    }
  });

  test("names a folder that stands where a document or a template belongs", async () => {
    mkdirSync(join(cwd, SINK), { recursive: true });
    expect(await cdc("diff")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("north.yaml is not a file") as string,
    });
    mkdirSync(join(cwd, "templates/pipelines/people/connect-sink.yaml"), { recursive: true });
    const template = expect.stringContaining("connect-sink.yaml: it is a folder") as string;
    expect(await cdc("generate")).toMatchObject({ code: 2, stderr: template });
  });

  test("names topics and consumer groups by the service's own templates", async () => {
    const text = FILES["services/people.yaml"] ?? "";
    const own =
      'pipelines: { topic: "cdc.{env}.{group}.{customer}.{schema}.{table}", consumer_group: "to-{sink}-{customer}" }';
    write("services/people.yaml", text.replace("  source:", `  ${own}\n  source:`));
    await cdc("generate");
    expect(read(SINK)).toContain('- "cdc.dev.people.north.dbo.Person"');
    expect(read(SINK)).toContain('consumer_group: "to-main.people-north"');
    write("services/people.yaml", text.replace("  source:", '  pipelines: { topic: "{env}" }\n  source:'));
    const { code, stderr } = await cdc("generate");
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("must end in .{schema}.{table}"),
    });
  });

  test("lints Bloblang, columns, tables, secrets and missing files", async () => {
    await cdc("generate");
    write("services/_bloblang/adults.blobl", "root = this.Bron < 3 && frob()\n");
    expect(await problems()).toEqual([
      "adults: there is no function frob (table Person)",
      "adults: the table has no column Bron, did you mean Born? (table Person)",
    ]);
    write("services/_bloblang/adults.blobl", FILES["services/_bloblang/adults.blobl"] ?? "");
    write(SINK, read(SINK).replace('"First": "First"', '"Frist": "First"').replace("${PG_DEV_PASSWORD}", "geheim"));
    rmSync(join(cwd, SINK.replace("north", "south")));
    expect(await problems()).toEqual([
      "dev/people/sinks/main.people/north.yaml: dsn: a password stands there in clear: use ${VAR}",
      "dev/people/sinks/main.people/south.yaml: there is no such file: cdc pipelines generate",
    ]);
    write(SINK, read(SINK).replace("geheim", "${PG_DEV_PASSWORD}"));
    expect(await problems()).toContain(
      "dev/people/sinks/main.people/north.yaml: table north.person has no column Frist",
    );
  });

  test("runs bento's linter where it is on PATH, with every variable set", async () => {
    await cdc("generate");
    write("bin/bento", `#!/bin/sh\n[ "$KAFKA_BROKERS" = 1 ] || exit 3\necho "$2(1,1) a fault in $#"\nexit 1\n`);
    chmodSync(join(cwd, "bin/bento"), 0o755);
    expect(await problems()).toEqual([
      "dev/people/sinks/main.people/north.yaml: bento: dev/people/sinks/main.people/north.yaml(1,1) a fault in 3",
    ]);
    expect((await cdc("lint", "--no-external")).code).toBe(0);
  });

  test("refuses a transform whose column the table does not have", async () => {
    write("services/people.yaml", (FILES["services/people.yaml"] ?? "").replace(", output_type: varchar(101)", ""));
    const { code, stderr } = await cdc("generate");
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("transform full_name fills column full_name, which the table does not have"),
    });
  });
});
