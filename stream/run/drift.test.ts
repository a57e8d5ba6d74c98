import { column, sinkTable } from "../../test/harness/sink-model";
import { openStreamLab, type RunningStream, type StreamLab } from "../../test/harness/stream-lab";
import { eventually } from "../../test/harness/eventually";
import type { SourceTableTopology } from "../../model/topology";

let lab: StreamLab;
let running: RunningStream;
beforeEach(async () => {
  lab = await openStreamLab();
  for (const table of ["A", "B"]) {
    await lab.source.run(`CREATE TABLE dbo.${table} (Id int NOT NULL PRIMARY KEY, N int, T varchar(10))`);
    await lab.source.capture(table);
  }
  await lab.source.captured();
  await lab.deploy(["A", "B"].map((name) => tableNamed(name)));
  running = lab.start(["A", "B"]);
  await both(1);
  await eventually(async () => expect(await rows("B", '"Id"')).toEqual(["1"]));
  await eventually(() => expect(stateOf("A")).toMatchObject({ state: "streaming" }));
});
afterEach(async () => {
  await running.stop();
  await lab.close();
});

function tableNamed(name: string, more: readonly string[] = []) {
  const columns = [column("Id", "integer", { nullable: false }), column("N", "integer"), column("T", "varchar(10)")];
  const all = [...columns, ...more.map((extra) => column(extra, "integer"))];
  return sinkTable("s", name, { columns: all, source: { schema: "dbo", table: name } });
}

const rows = (table: string, what: string) => lab.rows(`SELECT ${what} FROM s."${table}" ORDER BY "Id"`);
const stateOf = (name: string) => running.stream.status().tables.find(({ table }) => table === name);

async function both(id: number): Promise<void> {
  const values = `(Id, N) VALUES (${String(id)}, ${String(id)})`;
  await lab.source.run(`BEGIN TRAN; INSERT dbo.A ${values}; INSERT dbo.B ${values}; COMMIT`);
}

test("a column that is added flows once it is deployed, with the values from before, and nothing stops", async () => {
  await lab.source.run("ALTER TABLE dbo.A ADD X int");
  await lab.source.run("INSERT dbo.A (Id, N, X) VALUES (2, 2, 20); UPDATE dbo.A SET X = 10 WHERE Id = 1");
  await eventually(async () => expect(await rows("A", '"Id"')).toEqual(["1", "2"]));
  // What `up` does: a second instance, then the columns of the sink.
  await lab.source.capture("A", "dbo_A_2");
  await lab.sink.query('ALTER TABLE s."A" ADD COLUMN "X" integer; ALTER TABLE s."stg_A" ADD COLUMN "X" integer');
  await lab.deploy([tableNamed("A", ["X"])]);
  await lab.source.run("INSERT dbo.A (Id, N, X) VALUES (3, 3, 30); UPDATE dbo.A SET N = 11 WHERE Id = 1");
  await eventually(async () => expect(await rows("A", '"Id", "N", "X"')).toEqual(["1 11 10", "2 2 20", "3 3 30"]));
  await eventually(() => expect(stateOf("A")).toMatchObject({ state: "streaming" }));
  expect(lab.events.map(({ event }) => event)).toContain("instance.switched");
  expect(lab.events.filter(({ event }) => event === "table.stopped")).toEqual([]);
  expect(await lab.rows("SELECT capture_instance FROM cdc_management.v_source_tables WHERE table_name = 'A'")).toEqual([
    "dbo_A_2",
  ]);
});

test("a column that is dropped stops its table before the drop, and the table goes on once that is deployed", async () => {
  await lab.source.run("INSERT dbo.A VALUES (2, 2, 'last')");
  await lab.source.run("ALTER TABLE dbo.A DROP COLUMN T");
  await both(3);
  await eventually(async () => expect(await rows("B", '"Id"')).toEqual(["1", "3"]));
  await eventually(() =>
    expect(stateOf("A")).toMatchObject({ state: "stopped", problem: { code: "CDC_SOURCE_DRIFT" } }),
  );
  expect(await rows("A", '"Id", "T"')).toEqual(["1 null", "2 last"]);
  expect(stateOf("A")?.problem?.hint).toContain("cdc up");
  const columns = [column("Id", "integer", { nullable: false }), column("N", "integer")];
  await lab.deploy([sinkTable("s", "A", { columns, source: { schema: "dbo", table: "A" } })]);
  await eventually(async () => expect(await rows("A", '"Id", "T"')).toEqual(["1 null", "2 last", "3 null"]));
  await eventually(() => expect(stateOf("A")).toMatchObject({ state: "streaming" }));
});

test("a column that is renamed is read on under its old name, with a warning", async () => {
  await lab.source.run("EXEC sp_rename 'dbo.A.N', 'Number', 'COLUMN'");
  await lab.source.run("UPDATE dbo.A SET Number = 7");
  await eventually(async () => expect(await rows("A", '"N"')).toEqual(["7"]));
  await eventually(() => expect(lab.events.filter(({ event }) => event === "table.drift")).toHaveLength(1));
});

test("a capture that is turned off stops its table; turned on again it has a gap, which when_needed heals", async () => {
  await lab.source.run(
    "EXEC sys.sp_cdc_disable_table @source_schema = N'dbo', @source_name = N'A', @capture_instance = N'dbo_A'",
  );
  await both(2);
  await eventually(async () => expect(await rows("B", '"Id"')).toEqual(["1", "2"]));
  await eventually(() =>
    expect(stateOf("A")).toMatchObject({ state: "stopped", problem: { code: "CDC_SOURCE_NO_INSTANCE" } }),
  );
  await lab.source.capture("A");
  await both(3);
  await eventually(() => expect(stateOf("A")).toMatchObject({ state: "stopped", problem: { code: "CDC_SOURCE_GAP" } }));
  expect(await rows("A", '"Id"')).toEqual(["1"]);
  await running.stop();
  running = lab.start(["A", "B"], { snapshot: "when_needed" });
  await eventually(async () => expect(await rows("A", '"Id"')).toEqual(["1", "2", "3"]));
});

test("an instance of ours goes once nothing is read through it any more, one that another pipeline reads stays", async () => {
  await running.stop();
  const tables = ["A", "B"].map((table) => ({
    schema: "dbo",
    table,
    snapshot: "initial",
    ownInstances: [`dbo_${table}`],
  }));
  const ours = { ...lab.topology([]), tables: tables as SourceTableTopology[] };
  const instances = async (table: string) => {
    const like = `WHERE capture_instance LIKE 'dbo[_]${table}%' ORDER BY 1`;
    return (await lab.source.run(`SELECT capture_instance FROM cdc.change_tables ${like}`)).text;
  };
  // Another pipeline is behind with B.
  await lab.sink
    .query(`INSERT INTO cdc_management.source_tables (pipeline, source, schema_name, table_name, capture_instance)
    SELECT 'other', source, schema_name, table_name, capture_instance FROM cdc_management.source_tables WHERE table_name = 'B'`);
  for (const table of ["A", "B"]) await lab.source.capture(table, `dbo_${table}_2`);
  await both(2);
  running = lab.start(["A", "B"], { topology: { sources: [ours] } });
  await both(3);
  await eventually(async () => expect(await rows("A", '"Id"')).toEqual(["1", "2", "3"]));
  await eventually(async () => expect(await instances("A")).toBe("(dbo_A_2)"));
  expect(await instances("B")).toBe("(dbo_B / dbo_B_2)");
  await both(4);
  await eventually(async () => expect(await rows("B", '"Id"')).toEqual(["1", "2", "3", "4"]));
  await eventually(async () => expect(await rows("A", '"Id"')).toEqual(["1", "2", "3", "4"]));
  expect(lab.events.filter(({ event }) => event === "table.stopped")).toEqual([]);
});

test("a table that moved to another instance while nothing of it changed goes on there after an error", async () => {
  await running.stop();
  let errors = 0;
  const onStep = (step: string): void => {
    if (step === "polled" && errors > 0 && (errors -= 1) === 0) throw new Error("pulled the plug");
  };
  const table = { schema: "dbo", table: "A", snapshot: "initial", ownInstances: ["dbo_A"] } as const;
  running = lab.start([], { topology: { sources: [{ ...lab.topology([]), tables: [table] }] }, onStep });
  await both(2);
  await eventually(async () => expect(await rows("A", '"Id"')).toEqual(["1", "2"]));
  await lab.source.capture("A", "dbo_A_2");
  await eventually(() => expect(lab.events.map(({ event }) => event)).toContain("instance.removed"));
  errors = 1;
  await eventually(() => expect(lab.events.map(({ event }) => event)).toContain("source.retry"));
  await both(3);
  await eventually(async () => expect(await rows("A", '"Id"')).toEqual(["1", "2", "3"]));
  expect(lab.events.filter(({ event }) => event === "table.stopped")).toEqual([]);
});

test("a column that is renamed while its table is copied is copied on", async () => {
  await running.stop();
  await lab.source.run("INSERT dbo.A (Id, N) VALUES (2, 2), (3, 3)");
  await lab.source.captured();
  let chunks = 0;
  const onStep = async (step: string): Promise<void> => {
    if (step === "snapshotCommitted" && (chunks += 1) === 1)
      await lab.source.run("EXEC sp_rename 'dbo.A.N', 'Number', 'COLUMN'");
  };
  await lab.sink.query('TRUNCATE s."A"');
  running = lab.start(["A"], { pipeline: "again", snapshotRows: 1, onStep });
  await eventually(() => expect(stateOf("A")).toMatchObject({ state: "streaming" }));
  expect(await rows("A", '"Id", "N"')).toEqual(["1 1", "2 2", "3 3"]);
});
