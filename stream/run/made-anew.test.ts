import { eventually } from "../../test/harness/eventually";
import { column, sinkTable } from "../../test/harness/sink-model";
import { openStreamLab, type StreamLab } from "../../test/harness/stream-lab";

const TABLE = sinkTable("s", "A", {
  columns: [column("Id", "integer", { nullable: false }), column("N", "integer")],
  source: { schema: "dbo", table: "A" },
});

let lab: StreamLab;
beforeEach(async () => {
  lab = await openStreamLab();
  await lab.source.run("CREATE TABLE dbo.A (Id int NOT NULL PRIMARY KEY, N int)");
  await lab.source.capture("A");
  await lab.source.run("INSERT dbo.A VALUES (1, 1), (2, 2)");
  await lab.source.captured();
  await lab.deploy([TABLE]);
});
afterEach(() => lab.close());

const rows = () => lab.rows(`SELECT "Id", "N" FROM s."A" ORDER BY 1`);

test("a table that was dropped and made anew while no stream ran is copied again", async () => {
  await lab.once(["A"]);
  await lab.sink.query(`DROP TABLE s."A"`);
  await lab.deploy([TABLE]);
  await lab.once(["A"]);
  expect(await rows()).toEqual(["1 1", "2 2"]);
  await lab.source.run("UPDATE dbo.A SET N = 3 WHERE Id = 1");
  await lab.source.captured();
  await lab.once(["A"]);
  expect(await rows()).toEqual(["1 3", "2 2"]);
});

test("and so it is beside a stream that runs, with the changes meanwhile", async () => {
  const stream = lab.start(["A"]);
  await eventually(async () => expect(await rows()).toHaveLength(2));
  await lab.sink.query(`DROP TABLE s."A"`);
  await lab.source.run("INSERT dbo.A VALUES (3, 3); DELETE dbo.A WHERE Id = 2");
  await lab.deploy([TABLE]);
  await eventually(async () => expect(await rows()).toEqual(["1 1", "3 3"]));
  await stream.stop();
});

const undeploy = () => lab.sink.query("UPDATE cdc_management.merge_control SET unregistered_at = now()");

test("a table that was not deployed for a while goes on where it was", async () => {
  const never = { topology: { sources: [lab.topology(["A"], "never")] } };
  await lab.once(["A"], never);
  await undeploy();
  await lab.source.run("INSERT dbo.A VALUES (3, 3)");
  await lab.source.captured();
  await lab.once(["A"], never);
  expect(await lab.rows("SELECT state FROM cdc_management.source_tables WHERE position IS NOT NULL")).toHaveLength(1);
  await lab.deploy([TABLE]);
  await lab.once(["A"], never);
  expect(await rows()).toEqual(["1 1", "2 2", "3 3"]);
});

test("and so it does beside a stream that runs, without being copied again", async () => {
  const stream = lab.start(["A"]);
  await eventually(() => expect(stream.stream.status().tables).toMatchObject([{ state: "streaming" }]));
  await undeploy();
  await eventually(() => expect(stream.stream.status().tables).toEqual([]));
  await lab.source.run("INSERT dbo.A VALUES (3, 3); DELETE dbo.A WHERE Id = 2");
  await lab.source.captured();
  await lab.deploy([TABLE]);
  await eventually(async () => expect(await rows()).toEqual(["1 1", "3 3"]));
  await stream.stop();
  expect(lab.events.filter(({ event }) => event === "snapshot.started")).toHaveLength(1);
});
