import { Readable } from "node:stream";
import { closePools } from "../databases/postgres/pool";
import { buildPipeline } from "../model/build-pipeline";
import type { Envelope, EnvelopeMetadata, EnvelopeRow } from "../model/envelope";
import { column, config, customer, keyColumn, sinkTable, sourceTable, template } from "../test/fixtures/config";
import { createTestDatabase, type TestDatabase } from "../test/harness/database";
import { deployTables } from "../test/harness/deploy-tables";
import { loadEnvelopes, type LoadResult } from "./load";
import { retryDeadLetters } from "./retry-dead-letters";
import { openPostgresSink } from "./sinks/postgres";

/** A customer's own table, a copy of it under another name, and one that all customers share and somebody else made. */
const MODEL = buildPipeline(
  config({
    sources: [
      customer("north", { customer_id: "00000000-0000-4000-8000-00000000000a" }),
      customer("south", { customer_id: "00000000-0000-4000-8000-00000000000b" }),
    ],
    sourceTables: [sourceTable("dbo.User", [keyColumn("Id"), column("Name", "nvarchar(50)")])],
    sinkTables: [
      sinkTable("User"),
      sinkTable("{{SCHEMA}}.user_copy", { from: { table: "User" }, columns: { full_name: "Name" } }),
      sinkTable("hub.customer_user", {
        from: { table: "User" },
        targetExists: true,
        columns: { id: "Id", name: "Name" },
        templates: [{ template: "customer_id", at: { file: "services/clinic.yaml", path: [] } }],
        primaryKey: ["_customer_id", "Id"],
      }),
    ],
    templates: [template("customer_id", { type: "uuid", notNull: true, value: "{clinics.sources.*.customer_id}" })],
  }),
);

const THEIRS = `CREATE SCHEMA hub; CREATE TABLE hub.customer_user (_customer_id uuid, id integer, name varchar(50),
  PRIMARY KEY (_customer_id, id), __sync_timestamp timestamptz NOT NULL DEFAULT now(), __source text, __source_db text,
  __source_table text, __source_ts_ms bigint, __cdc_operation text, __cdc_position bytea, __cdc_column_positions jsonb);
  CREATE INDEX ON hub.customer_user (__sync_timestamp)`;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.query(THEIRS);
  expect(MODEL.problems).toEqual([]);
  await deployTables(
    database,
    MODEL.model.sinks.flatMap(({ tables }) => tables),
  );
});

afterAll(async () => {
  await closePools();
  await database.drop();
});

let lsn = 0;

function event(operation: EnvelopeMetadata["OperationType"], data: EnvelopeRow, whose: object): Envelope {
  lsn += 1;
  const LSN = lsn.toString(16).padStart(20, "0");
  return { data, metadata: { TableName: "User", Schema: "dbo", OperationType: operation, LSN, ...whose } };
}

async function load(events: readonly Envelope[]): Promise<LoadResult> {
  const sink = await openPostgresSink(database.config, { pipeline: "test" });
  try {
    const text = events.map((one) => `${JSON.stringify(one)}\n`).join("");
    return await loadEnvelopes(sink, Readable.from([Buffer.from(text)]));
  } finally {
    await sink.close();
  }
}

async function rows(sql: string): Promise<unknown[]> {
  return (await database.query(sql)).rows;
}

const SHARED = "SELECT right(_customer_id::text, 1) AS c, id, name, __source_db FROM hub.customer_user ORDER BY 1, 2";
const DEAD = `SELECT schema_name || '.' || table_name AS table, reason FROM cdc_management.dead_letters
  WHERE resolved_at IS NULL ORDER BY id`;

test("each customer's rows keep apart in the table they share, and reach every table made of theirs", async () => {
  const result = await load([
    event("Insert", { Id: 1, Name: "Ada" }, { Tenant: "north" }),
    event("Insert", { Id: 1, Name: "Bo" }, { Tenant: "south" }),
    event("Insert", { Id: 2, Name: "Cy" }, { Database: "Clinic_south" }),
    event("Update", { Id: 1, Name: "Eve" }, { Tenant: "north", Database: "Clinic_north" }),
    event("Update", { Id: 3, Name: "Cy" }, { Tenant: "south", Before: { Id: 2, Name: "Cy" } }),
    event("Delete", { Id: 1 }, { Tenant: "south" }),
  ]);
  expect(result).toMatchObject({ events: 6, committed: 6, dead: 0, batches: 5 });
  expect(await rows(SHARED)).toEqual([
    { c: "a", id: 1, name: "Eve", __source_db: "Clinic_north" },
    { c: "b", id: 3, name: "Cy", __source_db: "Clinic_south" },
  ]);
  expect(await rows(`SELECT "Id", "Name" FROM north."User"`)).toEqual([{ Id: 1, Name: "Eve" }]);
  expect(await rows(`SELECT "Id", full_name FROM south.user_copy`)).toEqual([{ Id: 3, full_name: "Cy" }]);
  const checkpoints = await rows("SELECT schema_name AS s, events::int FROM cdc_management.checkpoints ORDER BY 1, 2");
  expect(checkpoints).toEqual([
    { s: "hub", events: 6 },
    ...[1, 2].map(() => ({ s: "north", events: 2 })),
    ...[1, 2].map(() => ({ s: "south", events: 4 })),
  ]);
});

test("an event of an unknown customer is a dead letter that says so", async () => {
  const before = await rows(SHARED);
  const bad: [object, string][] = [
    [{ Tenant: "west" }, "the table takes no rows of tenant 'west'"],
    [{ Database: "Clinic_west" }, "database 'Clinic_west' belongs to no tenant of the table"],
    [
      { Tenant: "north", Database: "Clinic_south" },
      "tenant 'north' has the database 'Clinic_north', not 'Clinic_south'",
    ],
  ];
  const result = await load(bad.map(([whose]) => event("Insert", { Id: 9, Name: "No" }, whose)));
  expect(result).toMatchObject({ events: 3, committed: 3, dead: 3 });
  expect(await rows(DEAD)).toEqual(bad.map(([, reason]) => ({ table: "hub.customer_user", reason })));
  expect(await rows(SHARED)).toEqual(before);
  await database.query("TRUNCATE cdc_management.dead_letters");
});

test("an event that tells no customer goes nowhere; a retry brings it to all tables once it can", async () => {
  await load([event("Insert", { Id: 20, Name: "Late" }, {})]);
  expect(await rows(DEAD)).toEqual([
    { table: ".", reason: expect.stringContaining("could go to hub.customer_user, north.User") as string },
  ]);
  await database.query(
    `UPDATE cdc_management.dead_letters SET payload = jsonb_set(payload, '{metadata,Tenant}', '"north"')`,
  );
  expect(await retryDeadLetters(database.config)).toMatchObject({ tried: 1, resolved: 1, failed: [] });
  expect(await rows(`SELECT name FROM hub.customer_user WHERE id = 20`)).toEqual([{ name: "Late" }]);
  expect(await rows(`SELECT "Name" FROM north."User" WHERE "Id" = 20`)).toEqual([{ Name: "Late" }]);
});
