import {
  appendFileSync,
  chmodSync,
  cpSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCdc, type CapturedRun } from "../test/harness/captured-io";

const EXAMPLES = join(__dirname, "../examples");
const SERVICE = "services/clinic.yaml";
const made: string[] = [];
let cwd: string;

function copyOf(example: string): string {
  const folder = mkdtempSync(join(tmpdir(), "cdc-edit-"));
  made.push(folder);
  cpSync(join(EXAMPLES, example), folder, { recursive: true });
  return folder;
}

beforeEach(() => {
  cwd = copyOf("db-per-tenant");
});

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

const cdc = (...argv: string[]): Promise<CapturedRun> => runCdc(["manage-services", ...argv], { cwd, env: {} });
const text = (file = SERVICE) => readFileSync(join(cwd, file), "utf8");
const rewrite = (change: (before: string) => string, file = SERVICE) =>
  writeFileSync(join(cwd, file), change(text(file)));

/** Runs a change that must be made, and a second time, when there is nothing left to do. */
async function change(...argv: string[]): Promise<CapturedRun> {
  const ran = await cdc(...argv);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  return ran;
}

async function refusal(...argv: string[]): Promise<string> {
  const before = text();
  const ran = await cdc(...argv);
  expect(ran.code).toBe(2);
  expect(ran.stderr).not.toMatch(/^\s+at |bug in cdc/m);
  expect(text()).toBe(before);
  return ran.stderr;
}

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
    cpSync(join(cwd, "services/_schemas/clinic/dbo/Staff.yaml"), join(cwd, "services/_schemas/clinic/dbo/Nurse.yaml"));
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
    expect((await change("tables", "add", "clinic", "dbo.Nurse", "--sink", "main.clinic")).stdout).toBe(
      "nothing to change\n",
    );
    const stderr = await refusal("tables", "remove", "clinic", "Nurse");
    expect(stderr).toContain("services/clinic.yaml: table {{SCHEMA}}.Nurse of sink main.clinic");
    await change("tables", "remove", "clinic", "Nurse", "--cascade");
    expect(text()).toBe(before);
  });

  test("a table without schema YAML is refused with the file to write, and no command that there isn't", async () => {
    const stderr = await refusal("tables", "add", "clinic", "dbo.Bed");
    expect(stderr).toContain("its schema YAML services/_schemas/clinic/dbo/Bed.yaml is missing");
    expect(stderr).toContain("docs/configuration-edits.md");
    expect(stderr).not.toContain("inspect");
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
    const folder = join(cwd, "services/_schemas");
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
      cwd,
      env: {},
      terminal: true,
      input: "n\n",
    });
    expect(asked.stderr).toContain("nothing was removed");
    const removed = await change("remove", "billing", "--yes");
    expect(removed.stdout).toMatch(/^removed services\/billing\.yaml\n.*services\/_schemas\/billing\/ is still there/);
    expect(readdirSync(join(cwd, "services"))).not.toContain("billing.yaml");
    expect(await refusal("remove", "clinic", "--yes")).toContain("there is no services/<service>.yaml");
  });

  test("a comment above what goes stays, and the user is told", async () => {
    const { stdout } = await change("sink-tables", "remove", "clinic", "treatment_code");
    expect(stdout).toContain(
      "services/clinic.yaml: the comment above stays: # Made by prepare.sql: compared and filled, never altered.",
    );
    expect(text()).toMatch(/# Made by prepare\.sql.*\n$/);
  });
});

describe("a dry run", () => {
  test("prints a unified diff, writes nothing and ends with 1", async () => {
    const before = text();
    const ran = await cdc("columns", "ignore", "clinic", "dbo.Visit", "Room", "--dry-run");
    expect(ran).toMatchObject({ code: 1, stderr: "" });
    expect(ran.stdout).toBe(`--- a/services/clinic.yaml
+++ b/services/clinic.yaml
@@ -8,6 +8,7 @@
         # Never leaves SQL Server.
         ignore_columns: [NationalId]
       dbo.Visit:
+        ignore_columns: [Room]
       dbo.VisitLine:
       dbo.Staff:
       dbo.TreatmentCode:
`);
    expect(text()).toBe(before);
  });

  test("that would be refused ends with 2 and shows why", async () => {
    const ran = await cdc("columns", "ignore", "clinic", "dbo.Visit", "Roon", "--dry-run");
    expect(ran.code).toBe(2);
    expect(ran.stdout).toContain("+        ignore_columns: [Roon]");
    expect(ran.stdout).toContain("dbo.Visit has no column Roon");
  });

  test("as JSON says the same", async () => {
    const { code, stdout } = await cdc("columns", "ignore", "clinic", "dbo.Visit", "Room", "--dry-run", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      changed: true,
      written: false,
      problems: [],
      files: [{ file: SERVICE, change: "changed" }],
    });
    const again = await cdc("columns", "ignore", "clinic", "dbo.Patient", "NationalId", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ changed: false, written: false, files: [] });
  });
});

describe("files of all kinds", () => {
  test("Windows line ends, a byte order mark, permissions and a link are kept", async () => {
    const before = `\ufeff${text().replace(/\n/g, "\r\n")}`;
    renameSync(join(cwd, SERVICE), join(cwd, "real.yaml"));
    symlinkSync("../real.yaml", join(cwd, SERVICE));
    writeFileSync(join(cwd, "real.yaml"), before);
    chmodSync(join(cwd, "real.yaml"), 0o640);
    await change("columns", "ignore", "clinic", "dbo.Visit", "Room");
    expect(readFileSync(join(cwd, "real.yaml"), "utf8")).toBe(
      before.replace("dbo.Visit:\r\n", "dbo.Visit:\r\n        ignore_columns: [Room]\r\n"),
    );
    expect(lstatSync(join(cwd, SERVICE)).isSymbolicLink()).toBe(true);
    expect(statSync(join(cwd, "real.yaml")).mode & 0o777).toBe(0o640);
    await change("columns", "unignore", "clinic", "dbo.Visit", "Room");
    expect(readFileSync(join(cwd, "real.yaml"), "utf8")).toBe(before);
    expect(readdirSync(cwd).filter((file) => file.includes("tmp"))).toEqual([]);
  });

  test("the older form, braces, anchors elsewhere and tabs in comments are kept", async () => {
    rewrite((one) => {
      const older = one.replace("clinic:\n", "service: clinic\n").replace(/^ {2}(?=[ \w"#])/gm, "");
      return older
        .replace("ignore_columns: [NationalId]", "ignore_columns: &secret [NationalId]\t#\ttab")
        .replace("  dbo.Staff:\n", "  dbo.Staff: { include_columns: [StaffNo, FullName, 'Title'] } # braces\n");
    });
    const before = text();
    await change("columns", "ignore", "clinic", "dbo.Staff", "Title");
    expect(text()).toContain(
      "  dbo.Staff: { include_columns: [StaffNo, FullName, 'Title'], ignore_columns: ['Title'] } # braces\n",
    );
    await change("columns", "unignore", "clinic", "dbo.Staff", "Title");
    expect(text()).toBe(before);
  });

  test.each([
    [
      "a key twice",
      (one: string) => one.replace("      dbo.Visit:\n", "      dbo.Visit:\n      dbo.Visit:\n"),
      "duplicated mapping key",
    ],
    [
      "a list where a mapping belongs",
      (one: string) => one.replace("      dbo.Visit:\n", "      dbo.Visit: [1]\n"),
      "must be a mapping",
    ],
    [
      "an alias",
      (one: string) =>
        one
          .replace("[NationalId]", "&ids [NationalId]")
          .replace("      dbo.Visit:\n", "      dbo.Visit: { ignore_columns: *ids }\n"),
      "it is an alias",
    ],
  ])("%s is refused with its place, nothing written", async (_title, spoil, message) => {
    rewrite(spoil);
    const stderr = await refusal("columns", "ignore", "clinic", "dbo.Visit", "Room");
    expect(stderr).toContain(message);
    expect(stderr).toContain(SERVICE);
  });

  test("a problem elsewhere keeps nobody from a change", async () => {
    appendFileSync(join(cwd, "source-groups.yaml"), "  bogus: 1\n");
    await change("columns", "ignore", "clinic", "dbo.Visit", "Room");
  });

  test("bare sink tables get bare neighbours", async () => {
    cwd = copyOf("db-shared");
    const file = "services/scheduling.yaml";
    const before = text(file);
    const schemas = join(cwd, "services/_schemas/scheduling/booking");
    writeFileSync(
      join(schemas, "Slot.yaml"),
      readFileSync(join(schemas, "Room.yaml"), "utf8").replace("table: Room", "table: Slot"),
    );
    await change("tables", "add", "scheduling", "booking.Slot", "--sink", "main.platform");
    expect(text(file)).toMatch(/on_delete: soft\n {6}Slot:\n$/);
    await change("tables", "remove", "scheduling", "Slot", "--cascade");
    expect(text(file)).toBe(before);
  });
});
