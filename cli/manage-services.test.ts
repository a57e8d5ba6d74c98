import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runCdc } from "../test/harness/captured-io";
import { EditedExample, removeExamples } from "../test/harness/edited-example";

const SERVICE = "services/clinic.yaml";
let example: EditedExample;

beforeEach(() => {
  example = new EditedExample("db-per-tenant");
});

afterAll(removeExamples);

const cdc = (...argv: string[]) => example.cdc("manage-services", ...argv);
const change = (...argv: string[]) => example.change("manage-services", ...argv);
const refusal = (...argv: string[]) => example.refusal(SERVICE, "manage-services", ...argv);
const text = (file = SERVICE) => example.text(file);
const rewrite = (by: (before: string) => string, file = SERVICE) => example.rewrite(file, by);

describe("reading", () => {
  test("list, show and the lists of a service say what the files say, variables not put in", async () => {
    expect((await cdc("list")).stdout).toMatch(/clinic +5 +main\.clinic +services\/clinic\.yaml/);
    const shown = await cdc("show", "clinic");
    expect(shown.stdout).toMatch(/dbo\.Staff +- +main\.clinic \{\{SCHEMA\}\}\.practitioner/);
    expect(shown.stdout).toContain("dev=${CLINIC_DATABASE:-clinic_dev}, prod=clinic");
    expect((await cdc("sink-tables", "list", "clinic")).stdout).toMatch(/practitioner +dbo\.Staff +2 +customer_id/);
    expect((await cdc("columns", "list", "clinic", "Staff")).stdout).toMatch(/FullName +nvarchar\(100\) .*full_name/);
    expect((await cdc("templates", "list")).stdout).toMatch(/customer_id +_customer_id +uuid +4/);
    expect((await cdc("templates", "show", "customer_id")).stdout).toContain(
      "clinic: {{SCHEMA}}.Visit of sink main.clinic",
    );
  });

  test("schema YAML is listed, captured or not", async () => {
    await change("tables", "remove", "clinic", "Visit", "--cascade");
    const { stdout } = await cdc("resources", "list", "clinic");
    expect(stdout).toMatch(/dbo\.Patient +9 +PatientNo +yes +services\/_schemas\/clinic\/dbo\/Patient\.yaml/);
    expect(stdout).toMatch(/dbo\.Visit +\d+ +VisitId +no /);
    expect((await cdc("resources", "show", "clinic", "Visit")).stdout).toMatch(/VisitId +\w+ +NOT NULL +key/);
    expect((await cdc("resources", "show", "clinic", "dbo.Vist")).stderr).toContain('Did you mean "dbo.Visit"?');
  });

  test("--json prints one document", async () => {
    const { stdout } = await cdc("show", "clinic", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      service: "clinic",
      sourceGroup: "clinics",
      tables: expect.arrayContaining([
        {
          table: "dbo.TreatmentCode",
          primaryKey: ["Code"],
          ignoreColumns: [],
          goesTo: ["main.clinic {{SCHEMA}}.treatment_code"],
        },
      ]),
    });
    const tables = JSON.parse((await cdc("tables", "list", "clinic", "--json")).stdout) as unknown[];
    expect(tables).toHaveLength(5);
  });

  test("validate is the check of the whole configuration", async () => {
    expect((await cdc("validate")).stdout).toContain("valid: service clinic");
    rewrite((before) => before.replace("from: dbo.Staff", "from: dbo.Stuff"));
    expect(await cdc("validate", "-s", "prod")).toMatchObject({
      code: 2,
      stdout: expect.stringContaining("dbo.Stuff"),
    });
  });

  test.each([
    [["show", "clinc"], "there is no service clinc", 'Did you mean "clinic"?'],
    [
      ["columns", "list", "clinic", "dbo.Staf"],
      "service clinic has no source table dbo.Staf",
      'Did you mean "dbo.Staff"?',
    ],
    [
      ["sink-tables", "list", "clinic", "--sink", "main.clinik"],
      "has no sink main.clinik",
      'Did you mean "main.clinic"?',
    ],
    [["sink-tables", "remove", "clinic", "patent"], "has no table patent", 'Did you mean "{{SCHEMA}}.Patient"?'],
    [["templates", "show", "custmer_id"], "there is no column template custmer_id", 'Did you mean "customer_id"?'],
    [["templates", "detach", "customer_id", "clinic", "treatment_code"], "does not use column template", "none"],
    [["columns", "unignore", "clinic", "dbo.Patient", "NationlId"], "does not ignore column NationlId", "NationalId"],
    [["columns", "unmap", "clinic", "practitioner", "ful_name"], "has no ful_name", "full_name"],
  ])("an unknown name in %j is told with the nearest", async (argv, message, hint) => {
    const stderr = await refusal(...argv);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });
});

describe("changing", () => {
  test("tables with their sink tables, removed again: the same bytes", async () => {
    const before = text();
    cpSync(
      join(example.cwd, "services/_schemas/clinic/dbo/Staff.yaml"),
      join(example.cwd, "services/_schemas/clinic/dbo/Nurse.yaml"),
    );
    rewrite((staff) => staff.replace("table: Staff", "table: Nurse"), "services/_schemas/clinic/dbo/Nurse.yaml");
    await change(
      "tables",
      "add",
      "clinic",
      "dbo.Nurse",
      "--ignore-columns",
      "Title",
      "--sink",
      "main.clinic",
      "--template",
      "customer_id",
    );
    expect(text()).toContain("      dbo.Nurse:\n        ignore_columns: [Title]\n  sinks:\n");
    expect(text()).toMatch(/price: Price\n {8}"\{\{SCHEMA\}\}\.Nurse":\n {10}column_templates: \[customer_id\]\n$/);
    expect(await change("tables", "add", "clinic", "dbo.Nurse", "--sink", "main.clinic")).toBe("nothing to change\n");
    const stderr = await refusal("tables", "remove", "clinic", "Nurse");
    expect(stderr).toContain("services/clinic.yaml: table {{SCHEMA}}.Nurse of sink main.clinic");
    await change("tables", "remove", "clinic", "Nurse", "--cascade");
    expect(text()).toBe(before);
  });

  test("a table without schema YAML is refused with the file to write, and the command that writes it", async () => {
    const stderr = await refusal("tables", "add", "clinic", "dbo.Bed");
    expect(stderr).toContain("its schema YAML services/_schemas/clinic/dbo/Bed.yaml is missing");
    expect(stderr).toContain("docs/configuration-edits.md");
    expect(stderr).toContain("resources --inspect --save");
    expect(await cdc("tables", "add", "clinic", "dbo.Bed", "--force")).toMatchObject({ code: 0 });
    expect(text()).toContain("      dbo.Bed:\n");
    // What was wrong before keeps nobody from another change.
    await change("columns", "ignore", "clinic", "dbo.Staff", "Title");
  });

  test("columns are ignored, renamed and taken back: the same bytes", async () => {
    const before = text();
    await change("columns", "ignore", "clinic", "dbo.Visit", "Room");
    await change("columns", "map", "clinic", "practitioner", "title=Title", "hired_on=HiredOn");
    expect(text()).toContain(
      "            full_name: FullName\n            title: Title\n            hired_on: HiredOn\n",
    );
    await change("columns", "map", "clinic", "practitioner", "title=HiredOn", "hired_on=Title");
    expect(text()).toContain("            title: HiredOn\n            hired_on: Title\n");
    await change("columns", "unmap", "clinic", "practitioner", "title", "hired_on");
    await change("columns", "unignore", "clinic", "dbo.Visit", "Room");
    expect(text()).toBe(before);
  });

  test("a column that is no column, or is needed, is refused by the checks of validate", async () => {
    expect(await refusal("columns", "ignore", "clinic", "dbo.Patient", "Emial")).toContain('did you mean "Email"?');
    expect(await refusal("columns", "ignore", "clinic", "dbo.Patient", "PatientNo")).toContain("PatientNo");
  });

  test("sinks and their databases, removed again: the same bytes", async () => {
    const before = text();
    expect(await refusal("sinks", "add", "clinic", "reports.clinic", "--database", "dev=r")).toContain(
      "no database in environment prod",
    );
    await change(
      "sinks",
      "add",
      "clinic",
      "reports.clinic",
      "--database",
      "dev=r",
      "prod=${R:-r}",
      "--on-delete",
      "soft",
    );
    await change(
      "sink-tables",
      "add",
      "clinic",
      "public.visit",
      "--sink",
      "reports.clinic",
      "--from",
      "Visit",
      "--template",
      "customer_id",
    );
    expect(text()).toMatch(
      /prod: \$\{R:-r\}\n {6}on_delete: soft\n {6}tables:\n {8}public\.visit:\n {10}from: dbo\.Visit\n/,
    );
    expect(await refusal("sinks", "remove", "clinic", "reports.clinic")).toContain("table public.visit");
    await change("sinks", "set-database", "clinic", "reports.clinic", "test=t", "dev=d");
    await change("sinks", "remove-database", "clinic", "reports.clinic", "test");
    await change("sinks", "remove", "clinic", "reports.clinic", "--cascade");
    expect(text()).toBe(before);
  });

  test("templates are added, attached, detached and removed: the same bytes", async () => {
    const file = "services/_schemas/column-templates.yaml";
    const before = [text(), text(file)];
    await change(
      "templates",
      "add",
      "seen",
      "--column",
      "_seen",
      "--type",
      "timestamptz",
      "--default",
      "now()",
      "--not-null",
    );
    await change("templates", "attach", "seen", "clinic", "Patient", "Visit");
    await change("templates", "attach", "seen", "clinic", "VisitLine", "--name", "_line_seen");
    expect(text()).toContain("column_templates: [customer_id, { template: seen, name: _line_seen }]");
    expect(await refusal("templates", "remove", "seen")).toMatch(/VisitLine of sink main\.clinic/);
    await change("templates", "detach", "seen", "clinic", "Visit");
    await change("templates", "remove", "seen", "--cascade");
    expect([text(), text(file)]).toEqual(before);
    expect(await refusal("templates", "add", "customer_id", "--column", "c", "--type", "text")).toContain(
      "is there already",
    );
    expect(await refusal("templates", "attach", "customer", "clinic", "Visit")).toContain(
      "there is no column template customer",
    );
    expect(await refusal("templates", "add", "odd", "--column", "c", "--type", "text; DROP")).toContain(
      "is no type of PostgreSQL",
    );
  });

  test("a service is added with its sink and tables, and removed when the user says so", async () => {
    const folder = join(example.cwd, "services/_schemas");
    cpSync(join(folder, "clinic"), join(folder, "billing"), { recursive: true });
    for (const file of readdirSync(join(folder, "billing/dbo")))
      rewrite((one) => one.replace("service: clinic", "service: billing"), `services/_schemas/billing/dbo/${file}`);
    expect((await cdc("add", "billing")).stderr).toContain("service billing has no sink");
    const sink = ["--sink", "main.billing", "--database", "dev=b_dev", "prod=b"];
    await change("add", "billing", ...sink, "--table", "dbo.Visit", "--server-group", "clinics");
    expect(text("services/billing.yaml")).toBe(
      `# yaml-language-server: $schema=../node_modules/pulumi-cdc/config/schemas/service.schema.json
billing:
  server_group: clinics
  source:
    tables:
      dbo.Visit:
  sinks:
    main.billing:
      databases:
        dev: b_dev
        prod: b
      tables:
        "{{SCHEMA}}.Visit":
`,
    );
    expect((await cdc("add", "billing", ...sink)).stderr).toContain("service billing is there already");
    expect((await cdc("add", "../x", ...sink)).stderr).toContain("cannot be the name of a service");
    expect((await cdc("remove", "billing")).stderr).toContain("--yes");
    const asked = await runCdc(["manage-services", "remove", "billing"], {
      cwd: example.cwd,
      env: {},
      terminal: true,
      input: "n\n",
    });
    expect(asked.stderr).toContain("nothing was removed");
    expect(await change("remove", "billing", "--yes")).toMatch(
      /^removed services\/billing\.yaml\n.*services\/_schemas\/billing\/ is still there/,
    );
    expect(readdirSync(join(example.cwd, "services"))).not.toContain("billing.yaml");
    expect(await refusal("remove", "clinic", "--yes")).toContain("there is no services/<service>.yaml");
  });

  test("a comment above what goes stays, and the user is told", async () => {
    expect(await change("sink-tables", "remove", "clinic", "treatment_code")).toContain(
      "services/clinic.yaml: the comment above stays: # Made by prepare.sql: compared and filled, never altered.",
    );
    expect(text()).toMatch(/# Made by prepare\.sql.*\n$/);
  });
});
