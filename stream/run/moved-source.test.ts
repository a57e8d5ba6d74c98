import { column, sinkTable } from "../../test/harness/sink-model";
import { openStreamLab, type StreamLab } from "../../test/harness/stream-lab";
import { Stream } from "./stream";

let lab: StreamLab;
let other: string;
beforeEach(async () => {
  lab = await openStreamLab();
  other = `${lab.source.database}_new`;
  const create = "CREATE TABLE dbo.A (Id int NOT NULL PRIMARY KEY, N int)";
  const capture = "EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'A', @role_name = NULL";
  await lab.source.run(create);
  await lab.source.capture("A");
  const client = await lab.source.server.connect();
  for (const batch of [`CREATE DATABASE [${other}]`, `USE [${other}]`, create, "EXEC sys.sp_cdc_enable_db", capture])
    await client.batch(batch);
  await client.batch("INSERT dbo.A VALUES (1, 100), (3, 300)");
  await client.close();
});
afterEach(async () => {
  const client = await lab.source.server.connect();
  await client.batch(`DROP DATABASE [${other}]`);
  await client.close();
  await lab.close();
});

async function follow(database: string): Promise<string[]> {
  const columns = [column("Id", "integer", { nullable: false }), column("N", "integer")];
  await lab.deploy([sinkTable("s", "A", { columns, source: { schema: "dbo", table: "A", database } })]);
  const sources = [{ ...lab.topology(["A"]), database }];
  const sourceConfig = () => ({ ...lab.source.config, database });
  await new Stream(lab.options({ topology: { sources }, sourceConfig, once: true })).run();
  return lab.rows('SELECT "Id", "N" FROM s."A" ORDER BY 1');
}

test("a table whose database is another one now has that one's rows, whatever the positions were, there and back", async () => {
  await lab.source.run("INSERT dbo.A VALUES (1, 1), (2, 2)");
  for (let n = 1; n <= 40; n += 1) await lab.source.run(`UPDATE dbo.A SET N = ${String(n)}`);
  await lab.source.captured();
  expect(await follow(lab.source.database)).toEqual(["1 40", "2 40"]);
  expect(await follow(other)).toEqual(["1 100", "3 300"]);
  expect(await lab.rows("SELECT source FROM cdc_management.sources")).toEqual([`erp/${other}`]);
  expect(await follow(lab.source.database)).toEqual(["1 40", "2 40"]);
});
