import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { deployedTopology } from "../cli/topology";
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

test("the stream's topology comes from the state, and its connections from the settings", async () => {
  const { deployment, lab } = project;
  const { topology, sourceConfig, serverName } = await deployedTopology(
    await deployment.open(),
    "dev",
    deployment.directory,
    process.env,
  );
  const west = topology.sources.find(({ tenants }) => tenants.includes("west"));
  expect(west).toEqual({
    connection: "source:dev:s",
    database: nameOf("west"),
    tenants: ["west"],
    tables: [
      { schema: "dbo", table: "Actor", snapshot: "initial", ownInstances: [] },
      { schema: "dbo", table: "Film", snapshot: "initial", ownInstances: ["dbo_Film"] },
    ],
  });
  const { user, password, port } = lab.config("master");
  expect(sourceConfig("source:dev:s", nameOf("west"))).toMatchObject({ user, password, port, encrypt: false });
  expect(serverName("source:dev:s")).toBe("s");
  expect(() => sourceConfig("source:dev:s", "Other")).toThrow("has no captured database Other");
});

test("no secret is in the state", () => {
  const password = process.env["TEST_SOURCE_PASSWORD"] ?? "";
  const files = readdirSync(project.deployment.directory, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), "utf8"));
  expect(texts.some((text) => text.includes("SourceTableCdc"))).toBe(true);
  expect(texts.filter((text) => text.includes(password))).toEqual([]);
});

const inUse = (instance: string) =>
  project.sink.query(
    `INSERT INTO cdc_management.source_tables (pipeline, source, schema_name, table_name, capture_instance)
     SELECT 'stream', $1, schema_name, table_name, $2 FROM cdc_management.merge_control
     WHERE schema_name = 'north' AND shape #>> '{source,table}' = 'Actor'
     ON CONFLICT (pipeline, source, schema_name, table_name) DO UPDATE SET capture_instance = $2`,
    [`s/${nameOf("north")}`, instance],
  );
const ofActor = async (customer: string) =>
  (await project.instances(customer))?.filter((instance) => instance.includes("Actor"));

describe("a column more", () => {
  const phone = { name: "Phone", type: "nvarchar(20)" };

  test("is shown by preview, and makes a second instance beside the old one; the DBA's has it already", async () => {
    project.actorColumns(phone);
    await inUse("dbo_Actor");
    const { steps } = await project.run("preview");
    const step = steps.find(({ name }) => name === `${nameOf("north")}/dbo.Actor`);
    expect(step).toMatchObject({ operation: "update", newProperties: { captured: "Id|Name|Phone" } });
    await project.run("up");
    expect(await ofActor("north")).toEqual(["dbo_Actor(Id,Name)", "dbo_Actor_2(Id,Name,Phone)"]);
    expect(await ofActor("west")).toEqual(["dba_Actor(Id,Name,Phone,Twice)"]);
  });

  test("the old one stays while a stream reads it, and goes where none ever did", async () => {
    await project.run("up");
    expect(await ofActor("north")).toEqual(["dbo_Actor(Id,Name)", "dbo_Actor_2(Id,Name,Phone)"]);
    expect(await ofActor("south")).toEqual(["dbo_Actor_2(Id,Name,Phone)"]);
  });

  test("a third one is refused while both are needed, with both names", async () => {
    await project.sql("north", "ALTER TABLE dbo.Actor ADD Mail nvarchar(50) NULL");
    await project.sql("south", "ALTER TABLE dbo.Actor ADD Mail nvarchar(50) NULL");
    await project.sql("west", "ALTER TABLE dbo.Actor ADD Mail nvarchar(50) NULL");
    project.actorColumns(phone, { name: "Mail", type: "nvarchar(50)" });
    const failure = project.run("up");
    await expect(failure).rejects.toThrow(/dbo_Actor and dbo_Actor_2.*22962.*let `cdc run` move over to dbo_Actor_2/s);
    expect(await ofActor("north")).toEqual(["dbo_Actor(Id,Name)", "dbo_Actor_2(Id,Name,Phone)"]);
  });

  test("once the stream has moved over, the old one makes room", async () => {
    await inUse("dbo_Actor_2");
    await project.run("up");
    expect(await ofActor("north")).toEqual(["dbo_Actor_2(Id,Name,Phone)", "dbo_Actor_3(Id,Name,Phone,Mail)"]);
    expect(await ofActor("west")).toEqual(["dba_Actor(Id,Name,Phone,Twice)", "dbo_Actor_2(Id,Name,Phone,Mail)"]);
    await inUse("dbo_Actor_3");
    expect(await captureLines("up")).toContain(`update SourceTableCdc ${nameOf("north")}/dbo.Actor`);
    expect(await ofActor("north")).toEqual(["dbo_Actor_3(Id,Name,Phone,Mail)"]);
    expect(await captureLines("up")).toEqual([]);
  });

  test("columns that nobody wants any more are not captured any longer", async () => {
    project.actorColumns();
    await project.run("up");
    await inUse("dbo_Actor_4");
    await project.run("up");
    expect(await ofActor("north")).toEqual(["dbo_Actor_4(Id,Name)"]);
    expect(await captureLines("up")).toEqual([]);
  });
});

test("refresh sees what was disabled by hand, and up enables it again", async () => {
  await project.sql(
    "south",
    "EXEC sys.sp_cdc_disable_table @source_schema = N'dbo', @source_name = N'Film', @capture_instance = N'all'",
  );
  expect(await captureLines("refresh")).toEqual([`delete SourceTableCdc ${nameOf("south")}/dbo.Film`]);
  expect(await captureLines("up")).toEqual([`create SourceTableCdc ${nameOf("south")}/dbo.Film`]);
  expect(await project.instances("south")).toContain("dbo_Film(Id,Name)");
});

test("destroy takes back only what it made", async () => {
  await project.run("destroy");
  expect(await project.instances("north")).toBeUndefined();
  expect(await project.instances("south")).toBeUndefined();
  expect(await project.instances("west")).toEqual(["dba_Actor(Id,Name,Phone,Twice)"]);
});
