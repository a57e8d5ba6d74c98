import { testServer, type Answer, type Client, type TestServer } from "../../test/harness/sql-server";
import { captured } from "../../test/harness/captured";

const database = `cdc_definitions_${process.pid}`;
let server: TestServer;
let client: Client;

beforeAll(async () => {
  server = await testServer();
  const first = await server.connect();
  await first.batch(`CREATE DATABASE ${database}`);
  await first.close();
  client = await server.connect(database);
  await run("EXEC sys.sp_cdc_enable_db");
});

afterAll(async () => {
  await client.batch(`USE master; DROP DATABASE ${database}`);
  await client.close();
  await server.stop();
});

async function run(sql: string): Promise<Answer> {
  const answer = await client.batch(sql);
  expect({ sql, text: answer.text.match(/[!?]\S+/g) }).toEqual({ sql, text: null });
  return answer;
}

const enable = (name: string, instance = `dbo_${name}`) =>
  `EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'${name}', @role_name = NULL, @capture_instance = N'${instance}'`;

async function table(name: string): Promise<void> {
  await run(`CREATE TABLE dbo.${name} (id int NOT NULL PRIMARY KEY, name nvarchar(20), n int)`);
  await run(enable(name));
}

const wait = () => captured(server, client, database);

describe("definitions of captured tables", () => {
  test("an altered column alters the change table, in its place in the log", async () => {
    await table("altered");
    await run("INSERT dbo.altered VALUES (1, N'before', 1)");
    await run("ALTER TABLE dbo.altered ALTER COLUMN n bigint");
    await run("INSERT dbo.altered VALUES (2, N'after', 5000000000)");
    await wait();
    const { results } = await run("SELECT id, n FROM cdc.dbo_altered_CT ORDER BY id");
    expect(results[0]?.rows).toEqual([
      [1, "1"],
      [2, "5000000000"],
    ]);
    const order = `SELECT h.required_column_update, CASE WHEN a.[__$start_lsn] < h.ddl_lsn THEN 1 ELSE 0 END, CASE WHEN h.ddl_lsn < b.[__$start_lsn] THEN 1 ELSE 0 END
      FROM cdc.ddl_history h JOIN cdc.dbo_altered_CT a ON a.id = 1 JOIN cdc.dbo_altered_CT b ON b.id = 2
      WHERE h.object_id = OBJECT_ID('cdc.dbo_altered_CT')`;
    expect((await run(order)).text).toBe("(1,1,1)");
  });

  test("a definition that is rolled back leaves no trace", async () => {
    await table("undone");
    await run("BEGIN TRAN; ALTER TABLE dbo.undone ADD extra int; ROLLBACK");
    await run("INSERT dbo.undone VALUES (1, N'a', 1)");
    await wait();
    expect((await run("EXEC sys.sp_cdc_get_ddl_history @capture_instance = N'dbo_undone'")).text).toBe("()");
  });

  test("a value that the altered change table can't hold stops the capture, and the error view says why", async () => {
    if (!server.standIn) return;
    await table("narrowed");
    await run("INSERT dbo.narrowed VALUES (1, N'rather a long name', 100000)");
    await run("UPDATE dbo.narrowed SET name = N'short'");
    await run("ALTER TABLE dbo.narrowed ALTER COLUMN name nvarchar(6)");
    await run("INSERT dbo.narrowed VALUES (2, N'b', 2)");
    await wait();
    expect((await run("SELECT COUNT(*) FROM cdc.dbo_narrowed_CT WHERE id = 2")).text).toBe("(0)");
    const { results } = await run("SELECT error_number FROM sys.dm_cdc_errors");
    expect(results[0]?.rows.every(([number]) => number === 2628)).toBe(true);
    expect(results[0]?.rows.length).toBeGreaterThan(0);
    // No LSN passes what is stuck in the log.
    const max = "SELECT sys.fn_cdc_get_max_lsn()";
    const before = (await run(max)).text;
    server.standIn.control.writeDummyLsn(database);
    expect((await run(max)).text).toBe(before);
    // Once what doesn't fit is cleaned up, everything behind it comes.
    await run("DELETE cdc.dbo_narrowed_CT WHERE id = 1");
    await wait();
    expect((await run("SELECT COUNT(*) FROM cdc.dbo_narrowed_CT WHERE id = 2")).text).toBe("(1)");
  });

  test("a dropped table takes its instances along", async () => {
    await table("gone");
    await run("INSERT dbo.gone VALUES (1, N'a', 1)");
    await wait();
    await run("DROP TABLE dbo.gone");
    expect((await client.batch("SELECT * FROM cdc.dbo_gone_CT")).text).toBe("!208");
    expect((await run("SELECT COUNT(*) FROM cdc.change_tables WHERE capture_instance = N'dbo_gone'")).text).toBe("(0)");
  });

  test("instances made and dropped in a transaction come and go with it", async () => {
    await table("within");
    await run(`BEGIN TRAN; ${enable("within", "within_2")}; ROLLBACK`);
    const names = "SELECT capture_instance FROM cdc.change_tables WHERE source_object_id = OBJECT_ID('dbo.within')";
    expect((await run(names)).text).toBe("(dbo_within)");
    await run(
      `BEGIN TRAN; EXEC sys.sp_cdc_disable_table @source_schema = N'dbo', @source_name = N'within', @capture_instance = N'all'; ROLLBACK`,
    );
    expect((await run(names)).text).toBe("(dbo_within)");
    await run(`BEGIN TRAN; ${enable("within", "within_2")}; COMMIT`);
    expect((await run(`${names} ORDER BY 1`)).text).toBe("(dbo_within / within_2)");
    await run("INSERT dbo.within VALUES (1, N'a', 1)");
    await wait();
    expect((await run("SELECT id FROM cdc.dbo_within_CT UNION ALL SELECT id FROM cdc.within_2_CT")).text).toBe(
      "(1 / 1)",
    );
  });
});
