import { testServer, type Client } from "../../test/harness/sql-server";
import { startSqlServer, type RunningSqlServer } from ".";

const COLUMNS = `id bigint NOT NULL PRIMARY KEY, name nvarchar(50), amount decimal(12,2), at datetime2(3), token uniqueidentifier,
  flag bit, code char(6) NOT NULL, raw varbinary(20), ratio float`;
const ORDER = "ORDER BY [__$start_lsn], [__$command_id], [__$seqval], [__$operation]";

// Only the stand-in can be fed; the harness' client is used to read it.
let server: RunningSqlServer;
let client: Client;

beforeAll(async () => {
  server = await startSqlServer({ databases: ["shop"], pollingIntervalMs: 20 });
  const url = process.env["MSSQL_TEST_URL"];
  process.env["MSSQL_TEST_URL"] = server.url;
  client = await (await testServer()).connect("shop");
  if (url === undefined) delete process.env["MSSQL_TEST_URL"];
  else process.env["MSSQL_TEST_URL"] = url;
  await client.batch(`CREATE TABLE dbo.fed (${COLUMNS}); EXEC sys.sp_cdc_enable_db`);
  server.control.fill("shop", "dbo", "fed", { count: 500 });
  await client.batch(
    "EXEC sys.sp_cdc_enable_table 'dbo', 'fed', NULL; ALTER DATABASE shop SET ALLOW_SNAPSHOT_ISOLATION ON",
  );
  server.control.feed("shop", { tables: ["dbo.fed"], changesPerTransaction: 7, seed: 5 }).make(700);
});

afterAll(async () => {
  await client.close();
  await server.stop();
});

const rowsOf = async (sql: string) => (await client.batch(sql)).results[0]?.rows ?? [];
/** A condition that is no range of the key makes the server look at each row. */
const oneByOne = (columns: string, more = "") =>
  rowsOf(`SELECT ${columns} FROM cdc.dbo_fed_CT WHERE [__$operation] > 0 ${more} ${ORDER}`);

it("gives packed rows as it gives each of them", async () => {
  const packed = await rowsOf(`SELECT * FROM cdc.dbo_fed_CT ${ORDER}`);
  expect(packed.length).toBeGreaterThan(1024);
  expect(packed).toEqual(await oneByOne("*"));
});

it("gives some of their columns, in any order", async () => {
  const columns = "[__$command_id], code, id, [__$operation], [__$update_mask], name, [__$seqval], at, raw";
  expect(await rowsOf(`SELECT ${columns} FROM cdc.dbo_fed_CT ${ORDER}`)).toEqual(await oneByOne(columns));
  const twice = "id, code, id";
  expect(await rowsOf(`SELECT ${twice} FROM cdc.dbo_fed_CT ${ORDER}`)).toEqual(await oneByOne(twice));
});

it("gives ranges of them with their ends, and without", async () => {
  const lsns = (await rowsOf(`SELECT DISTINCT [__$start_lsn] FROM cdc.dbo_fed_CT ORDER BY 1`)).map(([lsn]) => lsn);
  const [low, high] = [lsns[7], lsns[80]].map((lsn) => `0x${(lsn as Buffer).toString("hex")}`);
  const ranges = [`[__$start_lsn] > ${low} AND [__$start_lsn] <= ${high}`, `[__$start_lsn] BETWEEN ${low} AND ${high}`];
  for (const range of [...ranges, `[__$start_lsn] < ${high}`, `[__$start_lsn] > ${high} AND [__$start_lsn] < ${low}`]) {
    const packed = await rowsOf(`SELECT * FROM cdc.dbo_fed_CT WHERE ${range} ${ORDER}`);
    expect(packed).toEqual(await oneByOne("*", `AND ${range}`));
  }
});

it("gives the first ones, and those behind them", async () => {
  const all = await oneByOne("id, code");
  expect(await rowsOf(`SELECT TOP 700 id, code FROM cdc.dbo_fed_CT ${ORDER}`)).toEqual(all.slice(0, 700));
  const paged = `SELECT id, code FROM cdc.dbo_fed_CT ${ORDER} OFFSET 600 ROWS FETCH NEXT 50 ROWS ONLY`;
  expect(await rowsOf(paged)).toEqual(all.slice(600, 650));
});

it("keeps what a snapshot sees while a feed goes on", async () => {
  const count = "SELECT COUNT(*), SUM(id), MAX(code) FROM dbo.fed";
  await client.batch("SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRANSACTION");
  const [rows, changes] = [await rowsOf(count), await rowsOf(`SELECT * FROM cdc.dbo_fed_CT ${ORDER}`)];
  server.control.feed("shop", { tables: ["dbo.fed"], seed: 6 }).make(300);
  expect(await rowsOf(count)).toEqual(rows);
  expect(await rowsOf(`SELECT * FROM cdc.dbo_fed_CT ${ORDER}`)).toEqual(changes);
  await client.batch("COMMIT; SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
  expect((await rowsOf(`SELECT * FROM cdc.dbo_fed_CT ${ORDER}`)).length).toBeGreaterThan(changes.length);
});

it("forgets packed rows that a client deletes", async () => {
  const before = await oneByOne("*");
  await client.batch("DELETE FROM cdc.dbo_fed_CT WHERE [__$operation] = 2");
  const left = before.filter(([, , , operation]) => operation !== 2);
  expect(await rowsOf(`SELECT * FROM cdc.dbo_fed_CT ${ORDER}`)).toEqual(left);
  server.control.feed("shop", { tables: ["dbo.fed"], seed: 7 }).make(20);
  expect((await rowsOf(`SELECT * FROM cdc.dbo_fed_CT ${ORDER}`)).slice(0, left.length)).toEqual(left);
});
