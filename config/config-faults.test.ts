import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { CLINIC, removeProjects, writeProject } from "../test/fixtures/project";
import { CdcConfigError, formatProblem, loadConfig, loadPipelineModel, validateConfig } from ".";

type Files = Parameters<typeof writeProject>[0];

const SERVICE = "services/clinic.yaml";
const GROUPS = "source-groups.yaml";
const ACTOR = "services/_schemas/clinic/dbo/Actor.yaml";
const TEMPLATES = "services/_schemas/column-templates.yaml";

const replaced = (file: string, from: string | RegExp, to: string): Files => ({
  [file]: String(CLINIC[file]).replace(from, to),
});

function problemsOf(files: Files, env = {}, more = {}): string[] {
  return validateConfig(writeProject(files), { env, ...more }).problems.map(formatProblem);
}

describe("mistakes in the configuration", () => {
  afterAll(removeProjects);

  test.each<[string, Files, string]>([
    [
      "an unknown key",
      replaced(SERVICE, "databases:", "databasse:"),
      `${SERVICE}:8:7 clinic.sinks."main.clinic".databasse: unknown key "databasse"; did you mean "database"?`,
    ],
    [
      "a wrong type",
      replaced(SERVICE, "[Secret]", "Secret"),
      `${SERVICE}:5:9 clinic.source.tables."dbo.Actor".ignore_columns: must be a list or empty, is text`,
    ],
    [
      "a number for a text",
      replaced(ACTOR, "name: Navn", "name: 12"),
      `${ACTOR}:8:5 columns[1].name: must be text, is a number; put it in quotes`,
    ],
    [
      "a word that isn't allowed",
      replaced(GROUPS, "db-per-tenant", "db-per-tennant"),
      `${GROUPS}:2:3 clinics.pattern: "db-per-tennant" is not allowed; did you mean "db-per-tenant"?`,
    ],
    [
      "a missing key",
      replaced(GROUPS, "database:", "databse:"),
      `${GROUPS}:5:14 clinics.sources.north.dev.databse: key "database" is missing; is "databse" meant to be "database"?`,
    ],
    [
      "a missing table file",
      replaced(SERVICE, "dbo.Actor", "dbo.Aktor"),
      `${SERVICE}:4:7 clinic.source.tables."dbo.Aktor": its schema YAML services/_schemas/clinic/dbo/Aktor.yaml is missing; did you mean "Actor"?`,
    ],
    [
      "a misspelt column",
      replaced(SERVICE, "[Secret]", "[Secrt]"),
      `${SERVICE}:5:26 clinic.source.tables."dbo.Actor".ignore_columns[0]: dbo.Actor has no column Secrt; did you mean "Secret"?`,
    ],
    [
      "a misspelt template",
      replaced(SERVICE, "[customer_id]", "[custmer_id]"),
      `${SERVICE}:12:30 clinic.sinks."main.clinic".tables."{{SCHEMA}}.Actor".column_templates[0]: there is no column template custmer_id; did you mean "customer_id"?`,
    ],
    [
      "a type that is none",
      replaced(ACTOR, "decimal(10, 2)", "decimal(10, 20)"),
      `${ACTOR}:11:5 columns[2].type: "decimal(10, 20)" is no type of SQL Server; write it like nvarchar(50), decimal(8,2) or varchar(max)`,
    ],
    [
      "a PostgreSQL type that is none",
      replaced(TEMPLATES, "type: uuid", "type: uuid; DROP TABLE x"),
      `${TEMPLATES}:4:5 templates.customer_id.type: "uuid; DROP TABLE x" is no type of PostgreSQL; write it like text, uuid or varchar(50)`,
    ],
    [
      "a variable that is not set",
      replaced(SERVICE, "clinic_dev", "${CLINIC_DB}"),
      `${SERVICE}:9:9 clinic.sinks."main.clinic".databases.dev: environment variable CLINIC_DB is not set; set it, or write \${CLINIC_DB:-default}`,
    ],
    [
      "no primary key",
      replaced(ACTOR, "primary_key: true", "primary_key: false"),
      `${SERVICE}:4:7 clinic.source.tables."dbo.Actor": dbo.Actor has no primary key; name the columns of a unique index in source.tables."dbo.Actor".primary_key, or flag them primary_key: true in ${ACTOR}`,
    ],
    [
      "an environment without database",
      replaced(SERVICE, "dev: clinic_dev", "prod: clinic"),
      `${SERVICE}:8:7 clinic.sinks."main.clinic".databases: sink main.clinic has no database in environment dev; add databases: with dev: <name>`,
    ],
    [
      "a tab",
      replaced(SERVICE, "  source:", "\tsource:"),
      `${SERVICE}:2:1: not valid YAML: tab characters must not be used in indentation; indent with spaces`,
    ],
    [
      "a key twice",
      { [GROUPS]: `${String(CLINIC[GROUPS])}clinics: {}\n` },
      `${GROUPS}:6:1: not valid YAML: duplicated mapping key; remove one of the two`,
    ],
    ["an empty file", { [SERVICE]: "" }, `${SERVICE}: the file is empty; write its keys, or remove it`],
    ["a file that is a list", { [SERVICE]: "- a\n" }, `${SERVICE}:1:1: must be a mapping, is a list`],
    [
      "UTF-16",
      { [SERVICE]: Buffer.from("\ufeffclinic: {}", "utf16le") },
      `${SERVICE}: the file is written in UTF-16; save it as UTF-8`,
    ],
    [
      "Latin-1",
      { [SERVICE]: Buffer.from("clinic: \u00e6", "latin1") },
      `${SERVICE}: the file is not written in UTF-8; save it as UTF-8`,
    ],
    [
      "a service by another name",
      replaced(SERVICE, "clinic:", "klinik:"),
      `${SERVICE}:1:1 klinik: is about service klinik, but the file is named clinic.yaml; rename the file or the service`,
    ],
    [
      "two contradicting flags",
      replaced(SERVICE, "column_templates: [customer_id]", "{target_exists: true, replicate_structure: true}"),
      `${SERVICE}:11:9 clinic.sinks."main.clinic".tables."{{SCHEMA}}.Actor": has both target_exists and replicate_structure; choose one: an existing table is never altered`,
    ],
  ])("%s names file, line, key and remedy", (_title, files, expected) => {
    expect(problemsOf(files)).toContain(expected);
  });

  test("all problems come at once, not the first alone", () => {
    const files = {
      ...replaced(SERVICE, "[Secret]", "[Secrt, Nvan]"),
      ...replaced(GROUPS, "customer_id: 6f9619ff-8b86-4011-b42d-00c04fc964f1", "customer_id: abc"),
    };
    const problems = problemsOf(files);
    expect(problems).toHaveLength(3);
    expect(() => loadPipelineModel(writeProject(files), { env: {} })).toThrow(CdcConfigError);
  });

  test("broken files of different kinds are all reported", () => {
    expect(
      problemsOf({ [GROUPS]: "a: [", [ACTOR]: "b: {", [TEMPLATES]: "c: '" })
        .map((text) => text.split(":")[0])
        .sort(),
    ).toEqual([ACTOR, TEMPLATES, GROUPS].sort());
  });

  test.each<[string, string]>([
    [
      "aliases that multiply",
      `a: &a [${"x,".repeat(9)}x]\n${"bcdefghi"
        .split("")
        .map((name, index) => `${name}: &${name} [${`*${"abcdefgh"[index] ?? ""},`.repeat(10)}]`)
        .join("\n")}\n`,
    ],
    ["an alias to itself", "clinic: &a\n  source: *a\n"],
    ["endless nesting", `clinic: ${"[".repeat(100_000)}`],
    ["deep nesting", `clinic: ${"[".repeat(60)}${"]".repeat(60)}`],
    ["a hundred thousand mistakes", `clinic: [${"1,".repeat(100_000)}1]\n`],
    ["a million values", `clinic: [${"1,".repeat(1_000_000)}1]\n`],
    ["a tag that runs code", 'clinic: !!js/function "function(){}"\n'],
    ["NUL characters", "clinic: a\0b\n"],
    ["several documents", "clinic: {}\n---\nclinic: {}\n"],
    [
      "ten thousand unknown keys",
      `clinic:\n${Array.from({ length: 10_000 }, (_, index) => `  k${String(index)}: 1`).join("\n")}\n`,
    ],
  ])("%s are refused with a message", (_title, text) => {
    const problems = problemsOf({ [SERVICE]: text });
    expect(problems[0]).toContain(SERVICE);
    expect(problems.join()).not.toMatch(/at .*\.js:/);
  });

  test("10 MB are refused before they are parsed", () => {
    expect(problemsOf({ [SERVICE]: `clinic: "${"x".repeat(10 * 1024 * 1024)}"` })).toEqual([
      `${SERVICE}: the file is 10.0 MB; at most 4 MB are read; split it, or see whether it is the right file`,
    ]);
  });

  test("links that lead nowhere or to themselves, and folders, are named", () => {
    const directory = writeProject({
      [SERVICE]: undefined,
      [TEMPLATES]: undefined,
      [GROUPS]: undefined,
      [`${GROUPS}/x`]: "",
    });
    symlinkSync("clinic.yaml", join(directory, SERVICE));
    symlinkSync("nowhere.yaml", join(directory, TEMPLATES));
    const texts = validateConfig(directory, { env: {} }).problems.map(formatProblem);
    expect(texts).toEqual([
      `${GROUPS}: the file is a folder, not a file; put a YAML file in its place`,
      `${SERVICE}: the file is a symbolic link that leads back to itself; mend or remove the link`,
      `${TEMPLATES}: the file is a symbolic link to a file that does not exist; mend or remove the link`,
    ]);
  });

  test("a byte order mark and Windows line ends are no mistake", () => {
    const windows = Object.fromEntries(
      Object.entries(CLINIC).map(([file, text]) => [file, `\ufeff${String(text).replace(/\n/g, "\r\n")}`]),
    );
    expect(problemsOf(windows)).toEqual([]);
    const wrong = { ...windows, [SERVICE]: String(windows[SERVICE]).replace("[Secret]", "[Secrt]") };
    expect(problemsOf(wrong)[0]).toContain(`${SERVICE}:5:26`);
  });

  test("a missing folder, file or service says where to look", () => {
    expect(validateConfig("/no/such/folder", { env: {} }).problems[0]?.text).toBe("the folder does not exist");
    expect(problemsOf({ [GROUPS]: undefined })[0]).toBe(
      `${GROUPS}: the file is missing; it names the source databases; start a project with \`cdc new\``,
    );
    expect(problemsOf({}, {}, { service: "clinik" })[0]).toBe(
      'services/clinik.yaml: there is no service clinik; did you mean "clinic"?',
    );
    expect(problemsOf({ [SERVICE]: undefined })[0]).toContain("there is no services/<service>.yaml");
  });

  test("a wrong environment names the nearest", () => {
    const problems = problemsOf(replaced(SERVICE, "dev: clinic_dev", "dve: clinic"), {}, { environment: "dve" });
    expect(problems).toEqual([
      `${GROUPS}:1:1 clinics: no source of group clinics has an environment dve; did you mean "dev"?`,
    ]);
  });

  test("secrets are in no message, whatever is wrong around them", () => {
    const secret = "hunter2-very-secret";
    const group = `clinics:\n  pattern: x\n  servers:\n    s: { host: [1], port: {}, user: u, password: "${secret}", extra: "${secret}" }\n  sources: {}\n`;
    const texts = [
      ...problemsOf({ [GROUPS]: group }),
      ...problemsOf({ [GROUPS]: group.replace("pattern: x", "pattern: ${PW}") }, { PW: secret }),
      ...problemsOf({ [GROUPS]: `${group}  password: "${secret}\n` }),
    ];
    expect(texts.length).toBeGreaterThan(3);
    expect(texts.join("\n")).not.toContain(secret);
  });

  test("what the error prints is one line per problem, without a stack", () => {
    try {
      loadConfig(writeProject(replaced(SERVICE, "databases:", "databasse:")), { env: {} });
      throw new Error("it loaded");
    } catch (error) {
      expect(error).toBeInstanceOf(CdcConfigError);
      const { code, message, hint } = error as CdcConfigError;
      expect(code).toBe("CDC_CONFIG_INVALID");
      expect(message.split("\n").length).toBe(2);
      expect(hint).toContain("cdc validate");
    }
  });
});
