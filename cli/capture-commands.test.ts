import { captureEnv, SourceProject } from "../test/harness/source-project";
import { runCdc } from "../test/harness/captured-io";

let project: SourceProject;
beforeAll(async () => {
  project = await SourceProject.open(["north", "south"]);
});
afterAll(() => project.close());

const cdc = (verb: string, ...more: string[]) =>
  runCdc(["manage-migrations", verb, ...more], { cwd: project.deployment.directory, env: captureEnv() });
const sourceOf = (customer: string) => `s/${project.databases[customer] ?? ""}`;

describe("cdc manage-migrations enable-cdc", () => {
  test("with --dry-run shows the statements of each database and changes nothing", async () => {
    const { code, stdout, stderr } = await cdc("enable-cdc", "--dry-run", "--table", "dbo.Actor");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/SOURCE +CAPTURE +TO ENABLE +TRACKED/);
    expect(stdout).toContain(`USE [${project.databases["north"] ?? ""}];\nEXEC sys.sp_cdc_enable_db;`);
    expect(stdout).toContain("@captured_column_list = N'[Id], [Name]'");
    expect(stdout).not.toContain("Film");
    expect(await project.instances("north")).toBeUndefined();
  });

  test("enables the tables of one customer, then of all, and skips what is tracked", async () => {
    const one = await cdc("enable-cdc", "--tenant", "north", "--table", "Actor", "--json");
    expect(one.code).toBe(0);
    expect(JSON.parse(one.stdout)).toMatchObject({
      databases: [
        {
          source: sourceOf("north"),
          outcome: "enabled",
          tables: [{ table: "dbo.Actor", outcome: "enabled", instance: "dbo_Actor" }],
        },
      ],
    });
    const all = await cdc("enable-cdc", "--json");
    const { databases } = JSON.parse(all.stdout) as { databases: { source: string; tables: { outcome: string }[] }[] };
    expect(databases.map(({ tables }) => tables.map(({ outcome }) => outcome))).toEqual([
      ["tracked", "enabled"],
      ["enabled", "enabled"],
    ]);
    expect(await project.instances("south")).toEqual(["dbo_Actor(Id,Name)", "dbo_Film(Id,Name)"]);
    expect((await cdc("enable-cdc")).stdout).toMatch(/was on +0 +2 +0 +0/);
  });

  test("a table that lacks columns is left alone and named", async () => {
    project.actorColumns({ name: "Phone", type: "nvarchar(20)" });
    const { code, stdout } = await cdc("enable-cdc", "--source", "south");
    project.actorColumns();
    expect(code).toBe(2);
    expect(stdout).toContain("dbo.Actor: dbo_Actor does not capture Phone; `cdc up` makes one that does");
  });

  test("one database that fails leaves the others alone", async () => {
    await project.sql("south", "EXEC sys.sp_cdc_disable_db");
    const { standIn } = project.lab.server;
    standIn?.control.failWith({ match: /sp_cdc_enable_db/, number: 22902, message: "Caller is not authorized" });
    const { code, stdout } = await cdc("enable-cdc");
    if (standIn !== undefined) {
      expect(code).toBe(2);
      expect(stdout).toContain("Caller is not authorized");
    }
    expect((await cdc("enable-cdc")).code).toBe(0);
  });

  test("names that are not there are refused with the nearest", async () => {
    expect((await cdc("enable-cdc", "--table", "Actr")).stderr).toContain("Did you mean Actor?");
    expect((await cdc("enable-cdc", "--tenant", "nort")).stderr).toContain("Did you mean north?");
  });
});

describe("cdc manage-migrations clean-cdc", () => {
  const changes = (customer: string, first: number) =>
    project.sql(customer, `INSERT INTO dbo.Actor (Id, Name) VALUES (${first}, N'a'), (${first + 1}, N'b')`);
  const captured = () => {
    for (const customer of ["north", "south"])
      project.lab.server.standIn?.control.capture(project.databases[customer] ?? "");
  };
  const outcomes = (stdout: string) =>
    (
      JSON.parse(stdout) as { databases: { instances: { instance: string; changes: number; outcome: string }[] }[] }
    ).databases
      .flatMap(({ instances }) => instances)
      .map(({ instance, changes: count, outcome }) => `${instance} ${count} ${outcome}`);

  beforeAll(async () => {
    await project.run("up");
    for (const first of [1, 3]) {
      for (const customer of ["north", "south"]) await changes(customer, first);
      captured();
    }
  });

  test("keeps what is younger than 30 days", async () => {
    const { code, stdout } = await cdc("clean-cdc", "--yes", "--json");
    expect(code).toBe(0);
    expect(outcomes(stdout)).toEqual(Array(2).fill(["dbo_Actor 0 nothing", "dbo_Film 0 nothing"]).flat());
  });

  test("with --dry-run counts what is older, and leaves it", async () => {
    const { code, stdout } = await cdc("clean-cdc", "--days", "0", "--dry-run", "--json", "--table", "Actor");
    expect(code).toBe(0);
    expect(outcomes(stdout)).toEqual(["dbo_Actor 2 to-clean", "dbo_Actor 2 to-clean"]);
    expect(outcomes((await cdc("clean-cdc", "--days", "0", "--dry-run", "--json")).stdout)).toHaveLength(4);
  });

  test("refuses to pass what a stream has not read, unless it is forced", async () => {
    await project.sink.query(
      `INSERT INTO cdc_management.sources (pipeline, source, position) VALUES ('stream', $1, '\\x00000000000000000001')`,
      [sourceOf("north")],
    );
    const refused = await cdc("clean-cdc", "--days", "0", "--table", "Actor", "--yes");
    expect(refused.code).toBe(2);
    expect(refused.stdout).toContain(`pipeline stream has read ${sourceOf("north")} up to 00000000000000000001 only`);
    const forced = await cdc("clean-cdc", "--days", "0", "--table", "Actor", "--yes", "--force", "--json");
    expect(forced.code).toBe(0);
    expect(outcomes(forced.stdout)).toEqual(["dbo_Actor 2 cleaned", "dbo_Actor 0 nothing"]);
  });

  test("asks before it removes anything", async () => {
    const { code, stderr } = await cdc("clean-cdc", "--days", "0");
    expect([code, stderr.includes("no terminal")]).toEqual([0, false]);
    for (const first of [5, 7]) {
      await changes("south", first);
      captured();
    }
    const asked = await cdc("clean-cdc", "--days", "0");
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain("there is no terminal to ask on");
  });

  test("removes nothing while a sink cannot be asked", async () => {
    const env = { ...captureEnv(), PG_DEV_PORT: "1" };
    const { code, stdout } = await runCdc(["migrations", "clean-cdc", "--days", "0", "--yes"], {
      cwd: project.deployment.directory,
      env,
    });
    expect(code).toBe(2);
    expect(stdout).toContain("whether a stream has read them can't be told");
  });
});
