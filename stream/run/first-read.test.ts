import { column, sinkTable } from "../../test/harness/sink-model";
import { openStreamLab, type StreamLab } from "../../test/harness/stream-lab";
import { Stream } from "./stream";

let lab: StreamLab;
beforeEach(async () => {
  lab = await openStreamLab();
});
afterEach(() => lab.close());

/** Copies table A, and ends right after the first look behind that, as if it were killed. */
async function copyOnly(): Promise<void> {
  const control = new AbortController();
  let copied: () => void = () => undefined;
  const copy = new Promise<void>((resolve) => (copied = resolve));
  let polls = 0;
  const onStep = async (step: string): Promise<void> => {
    if (step === "snapshotCommitted") copied();
    if (step !== "polled" || (polls += 1) < 3) return;
    await copy;
    control.abort();
    throw new Error("killed");
  };
  await new Stream(lab.options({ topology: { sources: [lab.topology(["A"])] }, onStep, signal: control.signal })).run();
}

test("a table that was copied, and then not read before cleanup passed it, has a gap", async () => {
  await lab.source.run("CREATE TABLE dbo.A (Id int NOT NULL PRIMARY KEY); INSERT dbo.A VALUES (1)");
  await lab.source.capture("A");
  await lab.source.captured();
  await lab.deploy([sinkTable("s", "A", { columns: [column("Id", "integer", { nullable: false })] })]);
  await copyOnly();
  expect(await lab.rows('SELECT "Id" FROM s."A"')).toEqual(["1"]);
  await lab.source.run("DELETE dbo.A WHERE Id = 1");
  await lab.source.run("INSERT dbo.A VALUES (2)");
  await lab.source.captured();
  lab.source.server.standIn?.control.cleanUp(lab.source.database, 0);
  const { status } = await lab.once(["A"]);
  expect(status.tables).toMatchObject([{ state: "stopped", problem: { code: "CDC_SOURCE_GAP" } }]);
  await lab.once(["A"], { snapshot: "when_needed" });
  expect(await lab.rows('SELECT "Id" FROM s."A"')).toEqual(["2"]);
});

test("a column that comes before a table was read at all has its values from before, too", async () => {
  const id = column("Id", "integer", { nullable: false });
  await lab.source.run("CREATE TABLE dbo.A (Id int NOT NULL PRIMARY KEY); INSERT dbo.A VALUES (1)");
  await lab.source.capture("A");
  await lab.source.captured();
  await lab.deploy([sinkTable("s", "A", { columns: [id] })]);
  await copyOnly();
  // As after a copy of a quiet source, whose log has not come to the instance's beginning.
  await lab.sink.query(
    `UPDATE cdc_management.source_tables SET state = 'streaming', snapshot = snapshot || '{"phase": "done"}';
     UPDATE cdc_management.sources SET position = decode('00000000000000000001', 'hex'), commit_time = NULL`,
  );
  await lab.source.run("ALTER TABLE dbo.A ADD X int NOT NULL DEFAULT 7");
  await lab.source.capture("A", "dbo_A_2");
  await lab.source.run("INSERT dbo.A VALUES (2, 8)");
  await lab.source.captured();
  await lab.sink.query('ALTER TABLE s."A" ADD "X" integer; ALTER TABLE s."stg_A" ADD "X" integer');
  await lab.deploy([sinkTable("s", "A", { columns: [id, column("X", "integer")] })]);
  await lab.once(["A"]);
  expect(await lab.rows('SELECT "Id", "X" FROM s."A" ORDER BY 1')).toEqual(["1 7", "2 8"]);
});
