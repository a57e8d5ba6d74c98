import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { lines } from "./harness/deployment";
import { SourceProject } from "./harness/source-project";

let project: SourceProject;
beforeAll(async () => {
  project = await SourceProject.open(["north", "south", "west"]);
  // A DBA was first in the west, with the whole table.
  await project.sql(
    "west",
    "EXEC sys.sp_cdc_enable_db",
    "EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'Actor', @role_name = NULL, @capture_instance = N'dba_Actor', @supports_net_changes = 0",
  );
});
afterAll(() => project.close());

const captureLines = async (kind: "preview" | "up" | "refresh" | "destroy") =>
  lines((await project.run(kind)).steps.filter(({ noun }) => noun.startsWith("Source")));
const nameOf = (customer: string) => project.databases[customer] ?? "";

test("preview shows the capture of every customer's database and changes nothing", async () => {
  const steps = await captureLines("preview");
  expect(steps).toHaveLength(3 + 3 * 2);
  expect(steps).toContain(`create SourceDatabaseCdc ${nameOf("north")}`);
  expect(steps).toContain(`create SourceTableCdc ${nameOf("south")}/dbo.Film`);
  expect(await project.instances("north")).toBeUndefined();
});

test("up turns it on in all three databases, with the columns that the sink takes", async () => {
  const { told } = await project.run("up");
  expect(told).toEqual([]);
  for (const customer of ["north", "south"])
    expect(await project.instances(customer)).toEqual(["dbo_Actor(Id,Name)", "dbo_Film(Id,Name)"]);
});

test("up adopts what a DBA has enabled", async () => {
  expect(await project.instances("west")).toEqual(["dba_Actor(Id,Name,Phone,Twice)", "dbo_Film(Id,Name)"]);
});

test("a second up and a refresh find nothing to do", async () => {
  expect(await captureLines("up")).toEqual([]);
  expect(await captureLines("refresh")).toEqual([]);
});

test("no secret is in the state", async () => {
  const password = process.env["S5_SOURCE_PASSWORD"] ?? "";
  const files = readdirSync(project.deployment.directory, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), "utf8"));
  expect(texts.some((text) => text.includes("SourceTableCdc"))).toBe(true);
  expect(texts.filter((text) => text.includes(password))).toEqual([]);
});
