import { SourceProject } from "./harness/source-project";

let project: SourceProject | undefined;
afterEach(async () => {
  await project?.close();
});

const open = async (...args: Parameters<typeof SourceProject.open>) => (project = await SourceProject.open(...args));

test("without the right to enable, the error has the statement that somebody else can run", async () => {
  const { lab, ...own } = await open(["north"]);
  // Only the stand-in can be told to refuse.
  lab.server.standIn?.control.failWith({
    match: /sp_cdc_enable_db/,
    number: 22902,
    message: "Caller is not authorized",
  });
  if (lab.server.standIn !== undefined)
    await expect(own.deployment.run("up")).rejects.toThrow(
      /permission denied: Caller is not authorized.*22902.*a sysadmin can run it instead.*EXEC sys\.sp_cdc_enable_db/s,
    );
  await own.deployment.run("up");
  expect((await own.deployment.run("up")).steps).toEqual([]);
});

test("a table or column that is not there is refused with the nearest name", async () => {
  const { deployment } = await open(["north"]);
  const id = { name: "Id", type: "int", nullable: false, primary_key: true };
  deployment.rewrite({ tables: { Actor: [id, { name: "Phon", type: "nvarchar(20)" }] } });
  await expect(deployment.run("up")).rejects.toThrow(/table dbo\.Actor has no column Phon.*Did you mean Phone\?/s);
  deployment.rewrite({ tables: { Actr: [id] } });
  await expect(deployment.run("up")).rejects.toThrow(/there is no table dbo\.Actr.*Did you mean dbo\.Actor\?/s);
});

test("with manage: false nothing is changed; what is missing is told with its SQL, and destroy leaves it", async () => {
  const own = await open(["north"], { capture: { manage: false, role: "cdc_reader" } });
  await expect(own.run("up")).rejects.toThrow(/a sysadmin must run:.*EXEC sys\.sp_cdc_enable_db/s);
  expect(await own.instances("north")).toBeUndefined();
  await own.sql("north", "EXEC sys.sp_cdc_enable_db");
  await expect(own.run("up")).rejects.toThrow(/a db_owner must run:.*@capture_instance = N'dbo_(Actor|Film)'/s);
  expect(await own.instances("north")).toEqual([]);
  for (const table of ["Actor", "Film"])
    await own.sql(
      "north",
      `EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'${table}', @role_name = NULL`,
    );
  await own.run("up");
  await own.run("destroy");
  expect(await own.instances("north")).toHaveLength(2);
});

test("role and net changes reach the instance; another role makes a second one", async () => {
  const own = await open(["north"], { capture: { role: "readers", net_changes: true } });
  await own.run("up");
  const { readCaptureState } = await import("../databases/sqlserver/capture-state");
  const state = async () =>
    (await readCaptureState(own.lab.config(own.databases["north"] ?? ""))).instances.filter(
      ({ table }) => table === "Actor",
    );
  expect(await state()).toMatchObject([{ name: "dbo_Actor", role: "readers", netChanges: true }]);
  own.deployment.rewrite({ capture: { role: "others" } });
  await own.run("up");
  expect(await state()).toMatchObject([
    { name: "dbo_Actor", role: "readers" },
    { name: "dbo_Actor_2", role: "others", netChanges: false },
  ]);
});

test("an agent that is not running is told, and does not stop the deployment", async () => {
  const { deployment, lab } = await open(["north"]);
  const { standIn } = lab.server;
  standIn?.control.stopAgent();
  const said: string[] = [];
  const stack = await deployment.open();
  const { changed } = await stack.up({
    onEvent: (event) => {
      if (event.kind === "diagnostic") said.push(event.message);
    },
  });
  expect(changed).toBe(true);
  if (standIn !== undefined) expect(said.join()).toContain("agent is not running, so nothing is captured");
});

test("what the stack config says of the server wins over the file, whose password is not used", async () => {
  const { deployment, lab, databases } = await open(["north"]);
  const { host, port, user, password = "" } = lab.config("master");
  const config = { capture: true, source: { host, port, user, password, encrypt: false } };
  const server = { host: "nowhere.invalid", user: "nobody", password: "in-the-file" };
  deployment.rewrite({ config, sources: { server, databases } });
  const { told } = await deployment.run("up");
  expect(told.join()).toContain("does not use a password that is written in the file");
  // What the stack config has in clear, the engine keeps in clear with the provider, and nowhere else.
  const resources = ((await deployment.state()) as { type: string }[]).filter(({ type }) => type.includes("cdc:"));
  expect(JSON.stringify(resources)).not.toMatch(new RegExp(`in-the-file|${password}`));
  expect(await project?.instances("north")).toHaveLength(2);
});

test("capture that is turned off by hand is seen by refresh, and turned on again", async () => {
  const own = await open(["north"]);
  await own.run("up");
  await own.sql("north", "EXEC sys.sp_cdc_disable_db");
  const { steps } = await own.run("refresh");
  expect(steps.map(({ operation, noun }) => `${operation} ${noun}`).sort()).toEqual([
    "delete SourceDatabaseCdc",
    "delete SourceTableCdc",
    "delete SourceTableCdc",
  ]);
  await own.run("up");
  expect(await own.instances("north")).toHaveLength(2);
  expect((await own.run("up")).steps).toEqual([]);
});
