import { column, sinkTable } from "../../test/harness/sink-model";
import { openStreamLab, type RunningStream, type StreamLab } from "../../test/harness/stream-lab";
import { eventually } from "../../test/harness/eventually";

let lab: StreamLab;
beforeEach(async () => {
  lab = await openStreamLab();
  await lab.source.run(
    "CREATE TABLE dbo.A (Id int NOT NULL PRIMARY KEY, N int); CREATE TABLE dbo.Heap (Id int NOT NULL, N int)",
  );
  for (const table of ["A", "Heap"]) await lab.source.capture(table);
  await lab.source.captured();
  const columns = [column("Id", "integer", { nullable: false }), column("N", "integer")];
  await lab.deploy(
    ["A", "Heap"].map((name) => sinkTable("s", name, { columns, source: { schema: "dbo", table: name } })),
  );
});
afterEach(() => lab.close());

const rows = (table: string) => lab.rows(`SELECT "Id", "N" FROM s."${table}" ORDER BY 1`);

async function streaming(tables: readonly string[]): Promise<RunningStream> {
  const running = lab.start(tables);
  await eventually(() =>
    expect(running.stream.status().tables.map(({ state }) => state)).toEqual(tables.map(() => "streaming")),
  );
  return running;
}

test("a stream whose source answers no more ends when it is told to, and the window is rolled back", async () => {
  const running = await streaming(["A"]);
  const stall = lab.source.server.standIn?.control.stall({ match: /\[dbo_A_CT\]/, afterRows: 2 });
  await lab.source.run("INSERT dbo.A VALUES (1, 1), (2, 2), (3, 3)");
  await eventually(async () => {
    const seen = await lab.source.run("SELECT COUNT(*) FROM cdc.dbo_A_CT");
    expect(seen.text).toBe("(3)");
  });
  expect(await running.stop()).toMatchObject({ interrupted: true });
  expect(await rows("A")).toEqual([]);
  stall?.release();
  await lab.once(["A"]);
  expect(await rows("A")).toHaveLength(3);
});

test("a stream whose sink is locked ends when it is told to, and the window is rolled back", async () => {
  const running = await streaming(["A"]);
  const other = await lab.sink.connect();
  await other.query('BEGIN; LOCK TABLE s."A" IN ACCESS EXCLUSIVE MODE');
  await lab.source.run("INSERT dbo.A VALUES (1, 1)");
  await eventually(async () => {
    const waiting = await other.query("SELECT FROM pg_locks WHERE NOT granted");
    expect(waiting.rowCount).toBeGreaterThan(0);
  });
  expect(await running.stop()).toMatchObject({ interrupted: true });
  await other.query("ROLLBACK");
  await lab.once(["A"], { holder: "next" });
  expect(await rows("A")).toEqual(["1 1"]);
});

test("a run that is to end doesn't wait for a snapshot that can't be made", async () => {
  await lab.source.run("INSERT dbo.A VALUES (1, 1)");
  await lab.source.captured();
  const result = await lab.once(["A", "Heap"]);
  expect(result.healthy).toBe(false);
  expect(result.status.tables).toMatchObject([{ state: "streaming" }, { problem: { code: "CDC_SNAPSHOT_NO_KEY" } }]);
  expect(await rows("A")).toEqual(["1 1"]);
});

test("a run that is to end tells of a source that another process keeps", async () => {
  const running = await streaming(["A"]);
  const result = await lab.once(["A"], { holder: "other", leaseTtlMs: 300 });
  expect(result).toMatchObject({
    healthy: false,
    status: { sources: [{ state: "stopped", problem: { code: "CDC_LEASE_HELD" } }] },
  });
  await running.stop();
});

test("a run that is to end tells of a source that it can't reach, and does the others", async () => {
  const away = { ...lab.topology(["A"]), database: "away" };
  await lab.source.run("INSERT dbo.A VALUES (1, 1)");
  await lab.source.captured();
  const topology = { sources: [away, lab.topology(["A"])] };
  const sourceConfig = (_connection: string, database: string) => ({ ...lab.source.config, database });
  const result = await lab.once(["A"], { topology, sourceConfig, longestRetryMs: 10 });
  expect(result.status.sources).toMatchObject([
    { state: "stopped", problem: { code: "CDC_MSSQL_NO_DATABASE" } },
    { state: "idle" },
  ]);
  expect(await rows("A")).toEqual(["1 1"]);
});

test("a run over a quiet source tells the sink that it looked", async () => {
  await lab.once(["A"]);
  await lab.once(["A"]);
  await lab.sink.query("UPDATE cdc_management.sources SET seen_at = seen_at - interval '1 hour'");
  expect(await lab.once(["A"])).toMatchObject({ healthy: true });
  const [isSeen] = await lab.rows("SELECT seen_at > now() - interval '10 minutes' FROM cdc_management.sources");
  expect(isSeen).toBe("true");
});
