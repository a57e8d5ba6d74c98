import { column, sinkTable } from "../../test/harness/sink-model";
import { openStreamLab, type StreamLab } from "../../test/harness/stream-lab";

const TABLES = ["A", "B", "C"];
let lab: StreamLab;
beforeEach(async () => {
  lab = await openStreamLab();
});
afterEach(() => lab.close());

test("of many tables only the one that may not be read stops", async () => {
  for (const table of TABLES) {
    await lab.source.run(`CREATE TABLE dbo.${table} (Id int NOT NULL PRIMARY KEY)`);
    await lab.source.capture(table);
  }
  await lab.source.captured();
  const columns = [column("Id", "integer", { nullable: false })];
  await lab.deploy(TABLES.map((name) => sinkTable("s", name, { columns })));
  await lab.once(TABLES);
  const deny = (denied: boolean) =>
    lab.source.server.standIn?.control.denySelect(lab.source.database, "cdc", "dbo_A_CT", denied);
  deny(true);
  await lab.source.run("BEGIN TRAN; INSERT dbo.A VALUES (1); INSERT dbo.B VALUES (1); INSERT dbo.C VALUES (1); COMMIT");
  await lab.source.captured();
  const { status } = await lab.once(TABLES);
  expect(status.tables).toMatchObject([
    { table: "A", state: "stopped", problem: { code: "CDC_MSSQL_PERMISSION" } },
    { table: "B", state: "streaming", events: 1 },
    { table: "C", state: "streaming", events: 1 },
  ]);
  deny(false);
  expect(await lab.once(TABLES)).toMatchObject({ healthy: true });
  expect(await lab.rows('SELECT "Id" FROM s."A"')).toEqual(["1"]);
});
