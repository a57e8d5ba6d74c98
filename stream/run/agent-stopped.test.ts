import { eventually } from "../../test/harness/eventually";
import { column, sinkTable } from "../../test/harness/sink-model";
import type { Client } from "../../test/harness/sql-server";
import { openStreamLab, type StreamLab } from "../../test/harness/stream-lab";
import type { StreamOptions } from "./options";
import { Stream } from "./stream";

let lab: StreamLab;
let client: Client;
let database: string;
beforeEach(async () => {
  lab = await openStreamLab();
  lab.source.server.standIn?.control.stopAgent();
  database = `${lab.source.database}_quiet`;
  client = await lab.source.server.connect();
  for (const batch of [
    `CREATE DATABASE [${database}]`,
    `USE [${database}]`,
    "CREATE TABLE dbo.A (Id int NOT NULL PRIMARY KEY)",
    "INSERT dbo.A VALUES (1)",
    "EXEC sys.sp_cdc_enable_db",
    "EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'A', @role_name = NULL",
  ])
    await client.batch(batch);
  const columns = [column("Id", "integer", { nullable: false })];
  await lab.deploy([sinkTable("s", "A", { columns, source: { schema: "dbo", table: "A" } })]);
});
afterEach(async () => {
  await client.batch(`USE master; DROP DATABASE [${database}]`);
  await client.close();
  await lab.close();
});

function stream(more: Partial<StreamOptions>): Stream {
  const sources = [{ ...lab.topology(["A"]), database }];
  const sourceConfig = () => ({ ...lab.source.config, database });
  return new Stream(lab.options({ topology: { sources }, sourceConfig, behindMs: 600, ...more }));
}

const told = () => lab.events.filter(({ details }) => details?.["code"] === "CDC_SOURCE_AGENT_STOPPED");

test("a run that is to end tells of a capture job that never ran, and ends", async () => {
  const { healthy, status } = await stream({ once: true }).run();
  expect(healthy).toBe(false);
  expect(status.sources).toMatchObject([{ state: "stopped", problem: { code: "CDC_SOURCE_AGENT_STOPPED" } }]);
  expect(told()).toHaveLength(1);
});

test("a stream waits for it, tells why once, also in the sink, and begins when it runs", async () => {
  const control = new AbortController();
  const running = stream({ signal: control.signal });
  const ended = running.run();
  const problem = () => lab.rows("SELECT problem ->> 'code' FROM cdc_management.sources");
  await eventually(async () => expect(await problem()).toEqual(["CDC_SOURCE_AGENT_STOPPED"]));
  lab.source.server.standIn?.control.startAgent();
  await eventually(async () => expect(await lab.rows('SELECT "Id" FROM s."A"')).toEqual(["1"]));
  await eventually(async () => expect(await problem()).toEqual(["null"]));
  expect(told()).toHaveLength(1);
  expect(running.status().sources).toMatchObject([{ state: "idle" }]);
  control.abort();
  await ended;
});
