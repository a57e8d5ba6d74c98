import {
  appendFileSync,
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
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
    renameSync(join(example.cwd, SERVICE), join(example.cwd, "real.yaml"));
    symlinkSync("../real.yaml", join(example.cwd, SERVICE));
    writeFileSync(join(example.cwd, "real.yaml"), before);
    chmodSync(join(example.cwd, "real.yaml"), 0o640);
    await change("columns", "ignore", "clinic", "dbo.Visit", "Room");
    expect(readFileSync(join(example.cwd, "real.yaml"), "utf8")).toBe(
      before.replace("dbo.Visit:\r\n", "dbo.Visit:\r\n        ignore_columns: [Room]\r\n"),
    );
    expect(lstatSync(join(example.cwd, SERVICE)).isSymbolicLink()).toBe(true);
    expect(statSync(join(example.cwd, "real.yaml")).mode & 0o777).toBe(0o640);
    await change("columns", "unignore", "clinic", "dbo.Visit", "Room");
    expect(readFileSync(join(example.cwd, "real.yaml"), "utf8")).toBe(before);
    expect(readdirSync(example.cwd).filter((file) => file.includes("tmp"))).toEqual([]);
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

  test("a stack that only the Pulumi CLI can read is told, and keeps nobody from a change", async () => {
    rewrite((one) => `secretsprovider: awskms://key\n${one}`, "Pulumi.prod.yaml");
    const told = await change("sinks", "add", "clinic", "reports.clinic", "--database", "dev=r");
    expect(told).toContain("stack prod was not checked: ");
    expect(told).toContain("awskms");
    const other = await cdc("sinks", "remove-database", "clinic", "reports.clinic", "dev", "-s", "prod");
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("no database in environment dev") });
  });

  test("a problem elsewhere keeps nobody from a change", async () => {
    appendFileSync(join(example.cwd, "source-groups.yaml"), "  bogus: 1\n");
    await change("columns", "ignore", "clinic", "dbo.Visit", "Room");
  });

  test("bare sink tables get bare neighbours", async () => {
    example = new EditedExample("db-shared");
    const file = "services/scheduling.yaml";
    const before = text(file);
    const schemas = join(example.cwd, "services/_schemas/scheduling/booking");
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
