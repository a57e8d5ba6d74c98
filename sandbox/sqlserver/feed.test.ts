import { existsSync } from "node:fs";
import { join } from "node:path";
import { testServer, type Client, type TestServer } from "../../test/harness/sql-server";
import { startSqlServer, type RunningSqlServer } from ".";
import { startSqlServerProcess } from "./child";

const COLUMNS = `id int NOT NULL IDENTITY PRIMARY KEY, name nvarchar(50), amount decimal(12,2) NOT NULL, at datetime2(3),
  note varchar(max), token uniqueidentifier, flag bit NOT NULL, code char(6) NOT NULL, raw varbinary(20), rv rowversion`;
const CHANGES = `SELECT * FROM cdc.dbo_fed_CT ORDER BY [__$start_lsn], [__$command_id], [__$seqval], [__$operation]`;

// Only the stand-in can be fed; the harness' client is used to read it.
let server: RunningSqlServer;
let harness: TestServer;
let client: Client;

beforeAll(async () => {
  server = await startSqlServer({ databases: ["shop"], pollingIntervalMs: 20 });
  const url = process.env["MSSQL_TEST_URL"];
  process.env["MSSQL_TEST_URL"] = server.url;
  harness = await testServer();
  client = await harness.connect("shop");
  if (url === undefined) delete process.env["MSSQL_TEST_URL"];
  else process.env["MSSQL_TEST_URL"] = url;
  await client.batch(`CREATE TABLE dbo.fed (${COLUMNS}); EXEC sys.sp_cdc_enable_db`);
});

afterAll(async () => {
  await client.close();
  await server.stop();
});

const rowsOf = async (sql: string) => (await client.batch(sql)).results[0]?.rows ?? [];

describe("a fed table", () => {
  beforeAll(async () => {
    server.control.fill("shop", "dbo", "fed", { count: 2000, first: 11 });
    await client.batch("EXEC sys.sp_cdc_enable_table 'dbo', 'fed', NULL");
    const feed = server.control.feed("shop", { tables: ["dbo.fed"], changesPerTransaction: 7, seed: 5 });
    feed.make(3000);
  });

  it("was filled with keys from the one that was asked for", async () => {
    expect(await rowsOf("SELECT MIN(id), COUNT(DISTINCT token) FROM dbo.fed")).toEqual([[11, expect.any(Number)]]);
  });

  it("ends as the changes say", async () => {
    const state = new Map<unknown, unknown[]>();
    for (const [, , , operation, , id, ...rest] of await rowsOf(CHANGES)) {
      if (operation === 1) state.delete(id);
      else if (operation !== 3) state.set(id, rest.slice(0, -1));
    }
    const rows = new Map((await rowsOf("SELECT * FROM dbo.fed")).map(([id, ...rest]) => [id, rest]));
    for (const [id, after] of state) {
      const row = rows.get(id) ?? [];
      // A (max) value that an update left alone isn't in the change.
      expect(after.map((value, i) => (i === 3 ? (value ?? row[3]) : value))).toEqual(row);
    }
    expect(state.size).toBeGreaterThan(500);
  });

  it("has every transaction in the time mapping, and masks that tell what changed", async () => {
    const count = "SELECT COUNT(*) FROM cdc.lsn_time_mapping WHERE tran_id <> 0x00";
    expect(await rowsOf(count)).toEqual(await rowsOf("SELECT COUNT(DISTINCT [__$start_lsn]) FROM cdc.dbo_fed_CT"));
    const images = (await rowsOf(CHANGES)).filter(([, , , operation]) => operation === 3 || operation === 4);
    for (let i = 0; i < images.length; i += 2) {
      const [before = [], after = []] = [images[i], images[i + 1]];
      expect([before[3], after[3]]).toEqual([3, 4]);
      const mask = BigInt(`0x${(after[4] as Buffer).toString("hex")}`);
      after.slice(5, -1).forEach((value, column) => {
        const changed = (mask & (1n << BigInt(column))) !== 0n;
        if (!changed) expect(value).toEqual(before[5 + column]);
      });
    }
  });

  it("comes after what clients commit, and takes new rows into account", async () => {
    await client.batch("INSERT dbo.fed (name, amount, flag, code) VALUES (N'by hand', 1, 1, 'x')");
    const feed = server.control.feed("shop", { tables: ["dbo.fed"], mix: { insert: 1, update: 0, delete: 0 } });
    feed.make(50);
    const hand = await rowsOf(`SELECT [__$start_lsn] FROM cdc.dbo_fed_CT WHERE name = N'by hand'`);
    const last = await rowsOf("SELECT TOP 1 [__$start_lsn] FROM cdc.dbo_fed_CT ORDER BY [__$start_lsn] DESC");
    expect(Buffer.compare(hand[0]?.[0] as Buffer, last[0]?.[0] as Buffer)).toBe(-1);
    const { errors } = await client.batch("INSERT dbo.fed (name, amount, flag, code) VALUES (N'again', 1, 1, 'x')");
    expect(errors).toEqual([]);
  });

  it("makes nothing while the agent is stopped", () => {
    const feed = server.control.feed("shop", { tables: ["dbo.fed"] });
    server.control.stopAgent();
    expect(feed.make(10)).toBe(0);
    server.control.startAgent();
    expect(feed.make(10)).toBe(10);
  });

  it("is cleaned up without a trace", async () => {
    expect(server.control.cleanUp("shop", 0)).toBeGreaterThan(3000);
    expect(await rowsOf("SELECT COUNT(*) FROM cdc.lsn_time_mapping")).toEqual([[1]]);
    const left = await rowsOf("SELECT COUNT(DISTINCT [__$start_lsn]) FROM cdc.dbo_fed_CT");
    expect(left).toEqual([[1]]);
  });
});

it("refuses tables that it can't make rows of", async () => {
  await client.batch("CREATE TABLE dbo.odd (a char(3) NOT NULL PRIMARY KEY)");
  expect(() => server.control.fill("shop", "dbo", "odd", { count: 1 })).toThrow(/whole numbers/);
  expect(() => server.control.feed("shop", { tables: ["dbo.none"] })).toThrow(/Invalid object name/);
});

it("runs in a process of its own", async () => {
  const entry = join(__dirname, "../../dist/sandbox/sqlserver/process.js");
  if (!existsSync(entry)) throw new Error("The stand-in's process is compiled code: npm run build first.");
  const own = await startSqlServerProcess({ databases: ["far"], pollingIntervalMs: 20 }, entry);
  try {
    await expect(own.control("capture", "nowhere")).rejects.toThrow("nowhere");
    await own.control("run", "far", "CREATE TABLE dbo.t (id bigint PRIMARY KEY, v int); EXEC sys.sp_cdc_enable_db");
    await own.control("fill", "far", "dbo", "t", { count: 100 });
    await own.control("run", "far", "EXEC sys.sp_cdc_enable_table 'dbo', 't', NULL");
    const feed = await own.feed("one", "far", { tables: ["dbo.t"] });
    expect(await feed.make(40)).toEqual({ changes: 40, transactions: 4 });
    expect(await own.control("cleanUp", "far", 0)).toBeGreaterThanOrEqual(0);
  } finally {
    await own.stop();
  }
});
