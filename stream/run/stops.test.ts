import { column, sinkTable } from "../../test/harness/sink-model";
import { openStreamLab, type RunningStream, type StreamLab } from "../../test/harness/stream-lab";
import { eventually } from "../../test/harness/eventually";

let lab: StreamLab;
let running: RunningStream | undefined;
beforeEach(async () => {
  lab = await openStreamLab();
  for (const table of ["A", "B"]) {
    await lab.source.run(`CREATE TABLE dbo.${table} (Id int NOT NULL PRIMARY KEY, N varchar(20))`);
    await lab.source.capture(table);
  }
  await lab.source.captured();
  const columns = [column("Id", "integer", { nullable: false }), column("N", "varchar(20)")];
  await lab.deploy(["A", "B"].map((name) => sinkTable("s", name, { columns, source: { schema: "dbo", table: name } })));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await lab.close();
});

const control = () => lab.source.server.standIn?.control as NonNullable<typeof lab.source.server.standIn>["control"];
const rows = (table: string) => lab.rows(`SELECT "Id", "N" FROM s."${table}" ORDER BY 1`);

async function both(id: number, text = `n${String(id)}`): Promise<void> {
  await lab.source.run(
    `BEGIN TRAN; INSERT dbo.A VALUES (${String(id)}, '${text}'); INSERT dbo.B VALUES (${String(id)}, '${text}'); COMMIT`,
  );
}

const positionOf = (stream: RunningStream | undefined) => stream?.stream.status().sources[0]?.position;

async function newestLsn(): Promise<string> {
  const { results } = await lab.source.run("SELECT sys.fn_cdc_get_max_lsn()");
  return (results[0]?.rows[0]?.[0] as Buffer).toString("hex");
}

function tableOf(name: string) {
  return running?.stream.status().tables.find(({ table }) => table === name);
}

test("changes that were cleaned up while nobody read stop their table with the remedy, and when_needed copies it anew", async () => {
  await both(1);
  await lab.source.captured();
  await lab.once(["A", "B"]);
  await both(2);
  await lab.source.run("DELETE dbo.A WHERE Id = 1");
  await lab.source.captured();
  await both(3);
  await lab.source.captured();
  control().cleanUp(lab.source.database, 0);
  const result = await lab.once(["A", "B"]);
  expect(result.healthy).toBe(false);
  expect(result.status.tables).toMatchObject([
    { state: "stopped", problem: { code: "CDC_SOURCE_GAP", hint: expect.stringContaining("when_needed") as string } },
    { state: "stopped" },
  ]);
  expect(await rows("A")).toEqual(["1 n1"]);
  expect(await lab.once(["A", "B"], { snapshot: "when_needed" })).toMatchObject({ healthy: true });
  expect(await rows("A")).toEqual(["2 n2", "3 n3"]);
  expect(await rows("B")).toEqual(["1 n1", "2 n2", "3 n3"]);
});

test("a run that is to end copies a table anew before it does, also when nothing else moves", async () => {
  await both(1);
  await lab.source.captured();
  await lab.once(["A", "B"]);
  await lab.source.run(
    "EXEC sys.sp_cdc_disable_table @source_schema = 'dbo', @source_name = 'A', @capture_instance = 'all'",
  );
  await lab.source.capture("A");
  const result = await lab.once(["A", "B"], { snapshot: "when_needed" });
  expect(result).toMatchObject({ healthy: true, status: { tables: [{ state: "streaming" }, { state: "streaming" }] } });
});

test("cleanup that passes a reader is found before anything is committed", async () => {
  await both(1);
  await lab.source.captured();
  await lab.once(["A", "B"]);
  for (let id = 2; id < 30; id += 1) await both(id);
  await lab.source.captured();
  control().cleanUpDuring({ match: /FROM \[cdc\]\.\[dbo_A_CT\]/, afterRows: 3, database: lab.source.database });
  const result = await lab.once(["A", "B"]);
  expect(result.status.tables.map(({ problem }) => problem?.code)).toEqual(["CDC_SOURCE_GAP", "CDC_SOURCE_GAP"]);
  expect(await rows("A")).toEqual(["1 n1"]);
});

test("a quiet table has no gap while others change and are cleaned up", async () => {
  await both(1);
  await lab.source.captured();
  running = lab.start(["A", "B"]);
  for (let id = 2; id < 8; id += 1) {
    await lab.source.run(`INSERT dbo.A VALUES (${String(id)}, 'x')`);
    await lab.source.captured();
    await eventually(async () => expect(await rows("A")).toHaveLength(id));
    control().writeDummyLsn(lab.source.database);
    await eventually(async () => expect(positionOf(running)).toBe(await newestLsn()));
    control().cleanUp(lab.source.database, 0);
  }
  await lab.source.run("INSERT dbo.B VALUES (9, 'late')");
  await lab.source.captured();
  await eventually(async () => expect(await rows("B")).toEqual(["1 n1", "9 late"]));
  expect(running.stream.status().tables.map(({ state }) => state)).toEqual(["streaming", "streaming"]);
});

test("a table that may not be read stops, the others go on, and it goes on by itself once it may", async () => {
  running = lab.start(["A", "B"]);
  await both(1);
  await eventually(async () => expect(await rows("A")).toHaveLength(1));
  control().denySelect(lab.source.database, "cdc", "dbo_A_CT");
  await both(2);
  await eventually(async () => expect(await rows("B")).toHaveLength(2));
  await eventually(() =>
    expect(tableOf("A")).toMatchObject({ state: "stopped", problem: { code: "CDC_MSSQL_PERMISSION" } }),
  );
  control().denySelect(lab.source.database, "cdc", "dbo_A_CT", false);
  await both(3);
  await eventually(async () => expect(await rows("A")).toEqual(["1 n1", "2 n2", "3 n3"]));
  await eventually(() => expect(tableOf("A")).toMatchObject({ state: "streaming" }));
  expect(tableOf("A")?.problem).toBeUndefined();
});

test("a source that is offline is tried again until it is back; an agent that is stopped is waited for", async () => {
  running = lab.start(["A", "B"]);
  await both(1);
  await eventually(async () => expect(await rows("A")).toHaveLength(1));
  control().setOnline(lab.source.database, false);
  control().disconnectAll();
  await eventually(() => expect(running?.stream.status().sources[0]).toMatchObject({ state: "retrying" }));
  control().setOnline(lab.source.database, true);
  await lab.source.reconnect();
  control().stopAgent();
  await both(2);
  await eventually(() => expect(running?.stream.status().sources[0]).toMatchObject({ state: "idle" }));
  control().startAgent();
  await eventually(async () => expect(await rows("B")).toEqual(["1 n1", "2 n2"]));
});

test("a value that its column can't hold becomes a dead letter, and the other rows arrive", async () => {
  await lab.sink.query('ALTER TABLE s."A" ADD CHECK ("Id" <> 4)');
  running = lab.start(["A", "B"]);
  await both(1);
  // Copied, so that what follows comes by the stream alone.
  for (const name of ["A", "B"]) await eventually(() => expect(tableOf(name)).toMatchObject({ state: "streaming" }));
  await lab.sink.query(`ALTER TABLE s."stg_A" ALTER COLUMN "N" TYPE varchar(3)`);
  await lab.source.run(
    "BEGIN TRAN; INSERT dbo.A VALUES (2, 'ok'), (3, 'too long'), (4, 'no'), (5, 'ok'); INSERT dbo.B VALUES (2, 'b'); COMMIT",
  );
  await eventually(async () => expect(await rows("B")).toHaveLength(2));
  expect(await rows("A")).toEqual(["1 n1", "2 ok", "5 ok"]);
  expect(await lab.rows("SELECT operation FROM cdc_management.dead_letters")).toEqual(["Insert", "Insert"]);
  expect(tableOf("A")).toMatchObject({ deadLetters: 2, state: "streaming" });
});

test("a rewritten history stops the tables, and when_needed copies them anew though positions are lower now", async () => {
  await both(1);
  await lab.source.captured();
  const before = Buffer.from(await newestLsn(), "hex");
  for (let id = 2; id < 9; id += 1) await both(id);
  await lab.source.run("DELETE dbo.A WHERE Id = 8");
  await lab.source.captured();
  await lab.once(["A", "B"]);
  await lab.sink.query(`ALTER TABLE s."A" ADD CHECK ("N" <> 'bad')`);
  for (const text of ["bad", "n3"]) {
    await lab.source.run(`UPDATE dbo.A SET N = '${text}' WHERE Id = 3`);
    await lab.source.captured();
    await lab.once(["A", "B"]);
  }
  expect(await lab.rows("SELECT resolution FROM cdc_management.dead_letters")).toEqual(["null"]);
  control().rewindLog(lab.source.database, before);
  await lab.source.run("DELETE dbo.A WHERE Id > 4; INSERT dbo.A VALUES (8, 'again')");
  await lab.source.captured();
  const stopped = await lab.once(["A", "B"], { behindMs: 50 });
  expect(stopped.status.tables.map(({ problem }) => problem?.code)).toEqual([
    "CDC_SOURCE_REWOUND",
    "CDC_SOURCE_REWOUND",
  ]);
  expect(await lab.once(["A", "B"], { snapshot: "when_needed", behindMs: 50 })).toMatchObject({ healthy: true });
  expect(await rows("A")).toEqual(["1 n1", "2 n2", "3 n3", "4 n4", "8 again"]);
  expect(await rows("B")).toHaveLength(8);
  expect(await lab.rows("SELECT resolution FROM cdc_management.dead_letters")).toEqual(["rewound"]);
  await lab.source.run("UPDATE dbo.A SET N = 'new' WHERE Id = 2");
  await lab.source.captured();
  await lab.once(["A", "B"]);
  expect(await rows("A")).toContain("2 new");
});

test("a run that is to end gives up when nothing that it reads can be written", async () => {
  await lab.once(["A", "B"]);
  // As a disk that is full: no table is to blame.
  await lab.sink.query(`CREATE FUNCTION s.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER full_disk BEFORE UPDATE ON cdc_management.sources FOR EACH ROW EXECUTE FUNCTION s.full_disk()`);
  await both(1);
  await lab.source.captured();
  const { healthy, status } = await lab.once(["A", "B"]);
  expect({ healthy, sources: status.sources }).toMatchObject({ healthy: false, sources: [{ state: "stopped" }] });
  await lab.sink.query("DROP TRIGGER full_disk ON cdc_management.sources");
  await lab.once(["A", "B"]);
  expect(await rows("A")).toEqual(["1 n1"]);
});
