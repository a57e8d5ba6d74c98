import { rmSync } from "node:fs";
import { runCdc } from "../../test/harness/captured-io";
import { EditedExample, removeExamples } from "../../test/harness/edited-example";
import { SourceLab } from "../../test/harness/source-lab";

const FOLDER = "services/_schemas/clinic/dbo";
/** The tables of the example, as its schema YAML has them. */
const TABLES = [
  `CREATE TABLE dbo.Patient (PatientNo int NOT NULL PRIMARY KEY, Name nvarchar(100) NOT NULL, NationalId char(11) NULL,
     Email nvarchar(200) NULL, Balance money NOT NULL)`,
  `CREATE TABLE dbo.Visit (VisitId uniqueidentifier NOT NULL PRIMARY KEY, Fee decimal(8,2) NOT NULL, Room nchar(4) NULL)`,
  `CREATE TABLE dbo.VisitLine (LineNumber smallint NOT NULL, VisitId uniqueidentifier NOT NULL,
     PRIMARY KEY (VisitId, LineNumber))`,
  "CREATE TABLE dbo.Staff (StaffNo smallint NOT NULL PRIMARY KEY, FullName nvarchar(100) NOT NULL)",
  "CREATE TABLE dbo.TreatmentCode (Code varchar(10) NOT NULL UNIQUE, Title nvarchar(200) NOT NULL, Price money NULL)",
];
let lab: SourceLab;
let example: EditedExample;
let database: string;

beforeAll(async () => {
  lab = await SourceLab.open();
});

afterAll(async () => {
  await lab.close();
  removeExamples();
});

beforeEach(async () => {
  example = new EditedExample("db-per-tenant");
  database = await lab.database(...TABLES);
  example.rewrite("source-groups.yaml", (text) => text.replace("Clinic_Fjord_Dev", database));
});

const inspect = (...argv: string[]) =>
  runCdc(["manage-services", "resources", "--inspect", ...argv], { cwd: example.cwd, env: lab.variables() });

async function saved(...argv: string[]): Promise<void> {
  expect(await inspect("--save", ...argv)).toMatchObject({ code: 0, stderr: "" });
}

describe("resources --inspect", () => {
  test("shows what differs and writes nothing, with code 1", async () => {
    await saved();
    const before = example.text(`${FOLDER}/Staff.yaml`);
    await lab.run(
      database,
      "ALTER TABLE dbo.Staff ADD Phone varchar(20) NULL",
      "ALTER TABLE dbo.Visit DROP COLUMN Room",
    );
    await lab.run(database, "ALTER TABLE dbo.Staff ALTER COLUMN FullName nvarchar(200) NOT NULL");
    const { code, stdout } = await inspect();
    expect(code).toBe(1);
    expect(stdout).toContain(`clinic: ${database} (fjord, dev), 3 tables unchanged`);
    expect(stdout).toContain(`changed ${FOLDER}/Staff.yaml\n  + Phone varchar(20)\n`);
    expect(stdout).toContain("  ~ FullName: type nvarchar(100) -> nvarchar(200)\n");
    expect(stdout).toContain(`changed ${FOLDER}/Visit.yaml\n  - Room\n`);
    expect(stdout).toContain("--save writes it.");
    expect(example.text(`${FOLDER}/Staff.yaml`)).toBe(before);
  });

  test("writes with --save, after which there is nothing to do and code 0", async () => {
    rmSync(example.path(FOLDER), { recursive: true });
    const { code, stdout } = await inspect("--save");
    expect(code).toBe(0);
    expect(stdout).toContain(`created ${FOLDER}/VisitLine.yaml`);
    expect(example.text(`${FOLDER}/VisitLine.yaml`)).toContain("primary_key: [VisitId, LineNumber]");
    expect(example.text(`${FOLDER}/TreatmentCode.yaml`)).toContain("unique_indexes:\n  - [Code]\n");
    const again = await inspect();
    expect(again).toMatchObject({ code: 0, stdout: `clinic: ${database} (fjord, dev), 5 tables unchanged\n` });
  });

  test("keeps what is written by hand", async () => {
    await saved();
    const mine = (text: string) =>
      `# Ours.\n${text.replace("    type: smallint", "    # A number.\n    type: smallint\n    x-label: No.\n    description: Mine")}`;
    example.rewrite(`${FOLDER}/Staff.yaml`, mine);
    const before = example.text(`${FOLDER}/Staff.yaml`);
    await lab.run(database, "ALTER TABLE dbo.Staff ADD Phone varchar(20) NULL");
    await saved();
    expect(example.text(`${FOLDER}/Staff.yaml`)).toBe(
      `${before}  - name: Phone\n    type: varchar(20)\n    nullable: true\n`,
    );
    expect((await runCdc(["validate"], { cwd: example.cwd, env: {} })).stderr).not.toContain("Staff.yaml");
  });

  test("tells with --json what has changed, table by table", async () => {
    await saved();
    await lab.run(database, "ALTER TABLE dbo.Staff ADD Phone varchar(20) NULL");
    const { code, stdout } = await inspect("--json", "--table", "Staff");
    expect(code).toBe(1);
    const [service] = (JSON.parse(stdout) as { services: { tables: unknown[] }[] }).services;
    expect(service).toMatchObject({ service: "clinic", source: "fjord", database, environment: "dev" });
    expect(service?.tables).toEqual([
      expect.objectContaining({
        table: "dbo.Staff",
        change: "changed",
        diff: expect.stringContaining("+  - name: Phone"),
        changes: {
          added: [{ name: "Phone", type: "varchar(20)", nullable: true, identity: false, computed: false }],
          removed: [],
          changed: [],
        },
      }),
    ]);
  });

  test("names a table that is gone, and deletes nothing", async () => {
    await lab.run(database, "DROP TABLE dbo.Staff");
    const before = example.text(`${FOLDER}/Visit.yaml`);
    const { code, stderr } = await inspect("--save");
    expect(code).toBe(2);
    expect(stderr).toContain(`database ${database} has no table dbo.Staff, which service clinic names`);
    expect(stderr).toContain("Nothing was deleted");
    expect(example.text(`${FOLDER}/Visit.yaml`)).toBe(before);
    expect(example.text(`${FOLDER}/Staff.yaml`)).toContain("StaffNo");
  });

  test("lists with --all what the service does not have, and writes the schema YAML of one with --table", async () => {
    await lab.run(database, "CREATE TABLE dbo.Audit (Id int NOT NULL PRIMARY KEY)");
    await saved();
    const listed = await inspect("--all");
    expect(listed).toMatchObject({ code: 0 });
    expect(listed.stdout).toContain("not in service clinic: 1 table\n  dbo.Audit\n");
    expect(listed.stdout).toContain("cdc manage-services tables add clinic dbo.Audit");
    await saved("--table", "dbo.Audit");
    expect(example.text(`${FOLDER}/Audit.yaml`)).toContain("table: Audit");
    await example.change("manage-services", "tables", "add", "clinic", "dbo.Audit", "--sink", "main.clinic");
    expect((await inspect("--all")).stdout).toContain("service clinic has every table");
  });

  test("warns of what the configuration says against the new definitions", async () => {
    await saved();
    await lab.run(database, "ALTER TABLE dbo.Staff DROP COLUMN FullName");
    const { code, stdout } = await inspect("--save");
    expect(code).toBe(0);
    expect(stdout).toMatch(/warning: services\/clinic\.yaml.*dbo\.Staff has no column FullName/);
    expect(example.text(`${FOLDER}/Staff.yaml`)).not.toContain("FullName");
  });

  test.each([
    [["--table", "Staf"], /no table Staf, which --table names/],
    [["--service", "clinc"], /there is no service clinc[^]*Did you mean "clinic"/],
    [["--source", "fjor"], /has no source fjor[^]*Did you mean "fjord"/],
    [["--env", "test"], /no source of group clinics has a database in environment test/],
    [["--compare", "--save"], /--compare only compares/],
  ])("refuses %j in words", async (argv, words) => {
    const { code, stderr } = await inspect(...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/^\s+at |bug in cdc/m);
  });

  test("inspects all services, and takes a named table for one of them only", async () => {
    example = new EditedExample("db-shared");
    const shared = await lab.database(
      "CREATE SCHEMA booking",
      ...["dbo.Person", "dbo.Team", "dbo.Membership", "booking.Room", "booking.Booking"].map(
        (table) => `CREATE TABLE ${table} (Id int NOT NULL PRIMARY KEY)`,
      ),
    );
    example.rewrite("source-groups.yaml", (text) => text.replaceAll("Platform_Dev", shared));
    const { code, stdout } = await inspect();
    expect(code).toBe(1);
    expect(stdout).toContain(`directory: ${shared} (directory, dev)`);
    expect(stdout).toContain(`scheduling: ${shared} (scheduling, dev)`);
    const named = await inspect("--table", "dbo.Team", "--save");
    expect(named).toMatchObject({ code: 2 });
    expect(named.stderr).toContain("several services");
    expect(await inspect("--table", "dbo.Team", "--service", "directory")).toMatchObject({ code: 1 });
  });

  test("tells which server can't be reached", async () => {
    const env = { ...lab.variables(), MSSQL_DEV_PORT: "1" };
    const ran = await runCdc(["manage-services", "resources", "--inspect"], { cwd: example.cwd, env });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(`127.0.0.1:1/${database}`);
  });
});

describe("resources --inspect --compare", () => {
  test("names how each customer's database differs from the reference", async () => {
    const others = [
      await lab.database(...TABLES),
      await lab.database(...TABLES.slice(0, 4), "ALTER TABLE dbo.Visit ADD Extra int NULL"),
    ];
    const [same = "", other = ""] = others;
    example.rewrite("source-groups.yaml", (text) =>
      text.replace("Clinic_Skog_Dev", same).replace("Clinic_Elv_Dev", other),
    );
    const { code, stdout } = await inspect("--compare");
    expect(code).toBe(1);
    expect(stdout).toBe(
      `clinic: 5 tables of 2 other sources against fjord\nskog (${same}): as the reference\n` +
        `elv (${other}): differs\n  - table dbo.TreatmentCode\n  dbo.Visit\n    + Extra int\n`,
    );
  });

  test("tells of a database that can't be read, with code 2, and compares the others", async () => {
    const same = await lab.database(...TABLES);
    example.rewrite("source-groups.yaml", (text) => text.replace("Clinic_Skog_Dev", same));
    const { code, stdout } = await inspect("--compare");
    expect(code).toBe(2);
    expect(stdout).toContain(`skog (${same}): as the reference`);
    expect(stdout).toMatch(/error: elv \(Clinic_Elv_Dev\): .*cannot be opened/);
  });
});
