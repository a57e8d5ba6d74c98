import { Request } from "tedious";
import { startSqlServer } from ".";
import { testServer, type Client, type TestServer } from "../../test/harness/sql-server";

const database = `cdc_sessions_${process.pid}`;
let server: TestServer;
let one: Client;
let two: Client;

beforeAll(async () => {
  server = await testServer();
  const first = await server.connect();
  await first.batch(`CREATE DATABASE ${database}`);
  await first.batch(`ALTER DATABASE ${database} SET ALLOW_SNAPSHOT_ISOLATION ON`);
  await first.close();
  [one, two] = [await server.connect(database), await server.connect(database)];
  await one.batch("CREATE TABLE dbo.a (id int PRIMARY KEY, n int); CREATE TABLE dbo.b (id int PRIMARY KEY, n int)");
  await one.batch("INSERT dbo.a VALUES (1, 0), (2, 0); INSERT dbo.b VALUES (1, 0), (2, 0)");
});

afterAll(async () => {
  await one.close();
  await two.batch(`USE master; DROP DATABASE ${database}`);
  await two.close();
  await server.stop();
});

describe("sessions", () => {
  test("a snapshot sees one moment, and may not change what changed since", async () => {
    await one.batch("SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRAN; SELECT n FROM dbo.a WHERE id = 1");
    await two.batch("UPDATE dbo.a SET n = 5 WHERE id = 1");
    expect((await one.batch("SELECT n FROM dbo.a WHERE id = 1")).text).toBe("(0)");
    expect((await one.batch("UPDATE dbo.a SET n = 6 WHERE id = 1")).text).toBe("!3960");
    expect((await one.batch("SELECT @@TRANCOUNT, n FROM dbo.a WHERE id = 1")).text).toBe("(0,5)");
    await one.batch("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
  });

  test("a writer waits for the writer before it", async () => {
    await one.batch("BEGIN TRAN; UPDATE dbo.a SET n = 10 WHERE id = 1");
    const waiting = two.batch("UPDATE dbo.a SET n = n + 1 WHERE id = 1; SELECT n FROM dbo.a WHERE id = 1");
    await one.batch("COMMIT");
    expect((await waiting).text).toBe("(11)");
  });

  test("LOCK_TIMEOUT ends a wait", async () => {
    await one.batch("BEGIN TRAN; UPDATE dbo.a SET n = 1 WHERE id = 1");
    expect((await two.batch("SET LOCK_TIMEOUT 20; UPDATE dbo.a SET n = 2 WHERE id = 1")).text).toBe("!1222");
    await two.batch("SET LOCK_TIMEOUT -1");
    await one.batch("ROLLBACK");
  });

  test("of two that wait for one another, one is the victim and the other goes on", async () => {
    await one.batch("BEGIN TRAN; UPDATE dbo.a SET n = 1 WHERE id = 2");
    await two.batch("BEGIN TRAN; UPDATE dbo.b SET n = 1 WHERE id = 2");
    const [first, second] = await Promise.all([
      one.batch("UPDATE dbo.b SET n = 2 WHERE id = 2"),
      two.batch("UPDATE dbo.a SET n = 2 WHERE id = 2"),
    ]);
    expect([first.text, second.text].sort()).toEqual(["", "!1205"]);
    await one.batch("IF @@TRANCOUNT > 0 ROLLBACK");
    await two.batch("IF @@TRANCOUNT > 0 ROLLBACK");
  });

  test("an attention ends what runs, and the connection goes on", async () => {
    const answer = one.run((done) => {
      const request = new Request("WAITFOR DELAY '00:01:00'", done);
      setTimeout(() => one.connection.cancel(), 30);
      return request;
    }, "execSqlBatch");
    expect((await answer).text).toBe("?Canceled.");
    expect((await one.batch("SELECT 1")).text).toBe("(1)");
  });

  test("a request that is cancelled while it is sent is answered, and the connection goes on", async () => {
    const answer = one.run((done) => {
      const request = new Request("SELECT 2", done);
      process.nextTick(() => one.connection.cancel());
      return request;
    }, "execSqlBatch");
    expect((await answer).text).toBe("?Canceled.");
    expect((await one.batch("SELECT 1")).text).toBe("(1)");
  });

  test("a wrong password is error 18456 and an unknown database 4060", async () => {
    const standIn = await startSqlServer();
    const { password } = standIn;
    const login = (options: { password: string; database: string }) =>
      connectionError({ ...options, port: standIn.port });
    expect(await login({ password: "wrong", database: "master" })).toMatch("Login failed for user 'sa'.");
    expect(await login({ password, database: "nowhere" })).toMatch('Cannot open database "nowhere"');
    await standIn.stop();
  });

  test("mssql works through it: pool, TLS, parameters, transactions, prepared statements, bulk load", async () => {
    const standIn = await startSqlServer();
    const mssql = jest.requireActual<MssqlDriver>("mssql");
    const pool = await new mssql.ConnectionPool({
      server: "localhost",
      port: standIn.port,
      user: standIn.user,
      password: standIn.password,
      options: { encrypt: true, trustServerCertificate: true },
    }).connect();
    const table = new mssql.Table("dbo.bulk");
    table.create = true;
    table.columns.add("id", mssql.Int, { nullable: false });
    table.columns.add("name", mssql.NVarChar(20), { nullable: true });
    table.rows.add(1, "a");
    table.rows.add(2, null);
    expect(await pool.request().bulk(table)).toMatchObject({ rowsAffected: 2 });
    const transaction = new mssql.Transaction(pool);
    await transaction.begin();
    await new mssql.Request(transaction).query("DELETE dbo.bulk");
    await transaction.rollback();
    const found = await pool
      .request()
      .input("id", mssql.Int, 1)
      .query("SELECT name FROM dbo.bulk WHERE id >= @id ORDER BY id");
    expect(found.recordset).toEqual([{ name: "a" }, { name: null }]);
    const prepared = new mssql.PreparedStatement(pool);
    prepared.input("n", mssql.Int);
    await prepared.prepare("SELECT @n * 2 AS twice");
    expect((await prepared.execute({ n: 21 })).recordset).toEqual([{ twice: 42 }]);
    await prepared.unprepare();
    await pool.close();
    await standIn.stop();
  });
});

describe("faults of the stand-in", () => {
  const standIn = () => server.standIn?.control;

  test("reset in the middle of a row", async () => {
    if (!server.standIn) return;
    const victim = await server.connect(database);
    standIn()?.resetMidRow({ match: /FROM dbo\.a -- torn/, afterRows: 1 });
    expect((await victim.batch("SELECT id, n FROM dbo.a -- torn")).text).toMatch(/\?(Connection lost|read ECONNRESET)/);
    expect((await one.batch("SELECT 1")).text).toBe("(1)");
  });

  test("a stalled response goes on when it is released", async () => {
    if (!server.standIn) return;
    const stall = standIn()?.stall({ match: /stalled/, afterRows: 1 });
    let ended = false;
    const answer = one.batch("SELECT id FROM dbo.a ORDER BY id -- stalled").then((seen) => {
      ended = true;
      return seen;
    });
    await two.batch("SELECT 1");
    expect(ended).toBe(false);
    stall?.release();
    expect((await answer).text).toBe("(1 / 2)");
  });

  test("a deadlock on demand rolls back, and the agent can be stopped", async () => {
    if (!server.standIn) return;
    standIn()?.deadlock({ match: /UPDATE dbo\.a/ });
    await one.batch("BEGIN TRAN");
    expect((await one.batch("UPDATE dbo.a SET n = 1")).text).toBe("!1205");
    expect((await one.batch("SELECT @@TRANCOUNT")).text).toBe("(0)");
    standIn()?.stopAgent();
    const status = await one.batch(
      "SELECT status_desc FROM sys.dm_server_services WHERE servicename LIKE N'SQL Server Agent%'",
    );
    expect(status.text).toBe("(Stopped)");
    standIn()?.startAgent();
  });

  test("cleanup passes, the log goes back, rights and databases go away", async () => {
    if (!server.standIn) return;
    await one.batch("EXEC sys.sp_cdc_enable_db");
    await one.batch("EXEC sys.sp_cdc_enable_table N'dbo', N'a', NULL");
    for (let n = 1; n <= 3; n++) await one.batch(`UPDATE dbo.a SET n = n + ${n}0 WHERE id = 1`);
    standIn()?.capture(database);
    const before = await one.batch("SELECT sys.fn_cdc_get_min_lsn('dbo_a'), MIN(start_lsn) FROM cdc.lsn_time_mapping");
    const [min, first] = before.results[0]?.rows[0] as [Buffer, Buffer];
    standIn()?.rewindLog(database, first);
    expect((await one.batch("SELECT COUNT(*) FROM cdc.lsn_time_mapping")).text).toBe("(1)");
    await one.batch("UPDATE dbo.a SET n = 0 WHERE id = 1");
    standIn()?.capture(database);
    standIn()?.cleanUp(database, 0);
    const after = await one.batch("SELECT sys.fn_cdc_get_min_lsn('dbo_a')");
    expect(Buffer.compare(after.results[0]?.rows[0]?.[0] as Buffer, min)).toBe(1);
    standIn()?.denySelect(database, "cdc", "dbo_a_CT");
    expect((await one.batch("SELECT * FROM cdc.dbo_a_CT")).text).toBe("!229");
    standIn()?.denySelect(database, "cdc", "dbo_a_CT", false);
    standIn()?.setOnline(database, false);
    expect((await one.batch(`USE ${database}`)).text).toBe("!942");
    standIn()?.setOnline(database, true);
  });

  test("cleanup passes while rows are on their way, and a request fails with any error", async () => {
    if (!server.standIn) return;
    await one.batch("CREATE TABLE dbo.passing (id int PRIMARY KEY); EXEC sys.sp_cdc_enable_db");
    await one.batch("EXEC sys.sp_cdc_enable_table N'dbo', N'passing', NULL");
    for (let id = 1; id <= 3; id++) await one.batch(`INSERT dbo.passing VALUES (${id})`);
    standIn()?.capture(database);
    const min = "SELECT sys.fn_cdc_get_min_lsn('dbo_passing')";
    const before = (await one.batch(min)).results[0]?.rows[0]?.[0] as Buffer;
    standIn()?.cleanUpDuring({ match: /dbo_passing_CT -- slow/, afterRows: 1, database });
    const read = await one.batch("SELECT id FROM cdc.dbo_passing_CT -- slow");
    expect(read.text).toBe("(1 / 2 / 3)");
    const after = (await one.batch(min)).results[0]?.rows[0]?.[0] as Buffer;
    expect(Buffer.compare(after, before)).toBe(1);
    standIn()?.failWith({ match: /-- fails/, number: 8645, message: "A timeout occurred.", severity: 17, times: 2 });
    const answers = [await one.batch("SELECT 1 -- fails"), await one.batch("SELECT 1 -- fails")];
    expect(answers.map(({ errors: [error] }) => [error?.number, error?.class])).toEqual([
      [8645, 17],
      [8645, 17],
    ]);
    expect((await one.batch("SELECT 1 -- fails")).text).toBe("(1)");
  });

  test.each([
    ["split", (control: Control) => control.splitPackets(7)],
    ["merged", (control: Control) => control.mergePackets(30)],
    ["slow", (control: Control) => control.slowDown(20_000)],
  ])("answers arrive whole when packets are %s, with and without TLS", async (_, begin) => {
    if (!server.standIn) return;
    const secure = await server.connect(database, { encrypt: true });
    const fault = begin(server.standIn.control);
    const sql = "SELECT TOP 100 name, object_id FROM sys.all_objects ORDER BY object_id; SELECT REPLICATE('x', 3000)";
    const [plain, hidden] = [await one.batch(sql), await secure.batch(sql)];
    fault.release();
    expect(hidden.text).toBe(plain.text);
    expect((await one.batch(sql)).text).toBe(plain.text);
    await secure.close();
  });

  test("a half-open connection says nothing until it is cut; others are not touched", async () => {
    if (!server.standIn) return;
    const victim = await server.connect(database);
    const fault = server.standIn.control.halfOpen();
    [one, two] = [await server.connect(database), await server.connect(database)];
    let ended = false;
    const answer = victim.batch("SELECT 1").then((seen) => {
      ended = true;
      return seen;
    });
    expect((await one.batch("SELECT 2")).text).toBe("(2)");
    expect(ended).toBe(false);
    fault.release();
    expect((await answer).text).toMatch(/^\?/);
  });

  test("after a failover the highest LSN is older, and the same rows come back", async () => {
    if (!server.standIn) return;
    await one.batch("CREATE TABLE dbo.lagging (id int PRIMARY KEY); EXEC sys.sp_cdc_enable_db");
    await one.batch("EXEC sys.sp_cdc_enable_table N'dbo', N'lagging', NULL");
    await one.batch("INSERT dbo.lagging VALUES (1)");
    standIn()?.capture(database);
    const max = "SELECT sys.fn_cdc_get_max_lsn()";
    const behind = (await one.batch(max)).results[0]?.rows[0]?.[0] as Buffer;
    await one.batch("INSERT dbo.lagging VALUES (2)");
    standIn()?.capture(database);
    // Without what the capture job, which runs beside the test, may take after the failover.
    const all = "SELECT * FROM cdc.dbo_lagging_CT WHERE id < 3 ORDER BY id";
    const before = (await one.batch(all)).text;
    const lag = server.standIn.control.failOver(database, behind);
    expect((await one.batch("SELECT 1")).text).toMatch(/^\?/);
    [one, two] = [await server.connect(database), await server.connect(database)];
    expect((await one.batch(max)).results[0]?.rows[0]?.[0]).toEqual(behind);
    expect((await one.batch("SELECT id FROM cdc.dbo_lagging_CT")).text).toBe("(1)");
    // Nothing is captured before what isn't there yet.
    await one.batch("INSERT dbo.lagging VALUES (3)");
    expect(standIn()?.capture(database)).toBe(0);
    server.standIn.control.writeDummyLsn(database);
    expect((await one.batch(max)).results[0]?.rows[0]?.[0]).toEqual(behind);
    lag.release();
    expect((await one.batch(all)).text).toBe(before);
    standIn()?.capture(database);
    expect((await one.batch("SELECT id FROM cdc.dbo_lagging_CT ORDER BY __$start_lsn")).text).toBe("(1 / 2 / 3)");
  });

  test("after a backup was restored nothing of the later history comes back, nor its capture instances", async () => {
    if (!server.standIn) return;
    const { control } = server.standIn;
    await one.batch("CREATE TABLE dbo.restored (id int PRIMARY KEY); EXEC sys.sp_cdc_enable_db");
    await one.batch("EXEC sys.sp_cdc_enable_table N'dbo', N'restored', NULL");
    await one.batch("INSERT dbo.restored VALUES (1)");
    control.capture(database);
    const saved = (await one.batch("SELECT sys.fn_cdc_get_max_lsn()")).results[0]?.rows[0]?.[0] as Buffer;
    await one.batch("EXEC sys.sp_cdc_enable_table N'dbo', N'restored', NULL, N'later'; INSERT dbo.restored VALUES (2)");
    control.capture(database);
    const lag = control.failOver(database, saved);
    [one, two] = [await server.connect(database), await server.connect(database)];
    control.rewindLog(database, saved);
    lag.release();
    await one.batch("INSERT dbo.restored VALUES (3)");
    control.capture(database);
    expect((await one.batch("SELECT id FROM cdc.dbo_restored_CT ORDER BY __$start_lsn")).text).toBe("(1 / 3)");
    expect((await one.batch("SELECT id FROM cdc.later_CT")).text).toBe("!208");
  });
});

type Control = NonNullable<TestServer["standIn"]>["control"];

/** What of mssql the test uses; its types aren't installed. */
interface MssqlDriver {
  ConnectionPool: new (config: object) => { connect(): Promise<MssqlPool> };
  Request: new (parent: unknown) => MssqlRequest;
  Transaction: new (pool: MssqlPool) => { begin(): Promise<void>; rollback(): Promise<void> };
  PreparedStatement: new (pool: MssqlPool) => {
    input(name: string, type: unknown): void;
    prepare(sql: string): Promise<void>;
    execute(values: object): Promise<{ recordset: unknown[] }>;
    unprepare(): Promise<void>;
  };
  Table: new (name: string) => {
    create: boolean;
    columns: { add(name: string, type: unknown, options: object): void };
    rows: { add(...values: unknown[]): void };
  };
  Int: unknown;
  NVarChar(length: number): unknown;
}

interface MssqlRequest {
  input(name: string, type: unknown, value: unknown): MssqlRequest;
  query(sql: string): Promise<{ recordset: unknown[] }>;
  bulk(table: unknown): Promise<unknown>;
}

interface MssqlPool {
  request(): MssqlRequest;
  close(): Promise<void>;
}

function connectionError({
  password,
  database: name,
  port,
}: {
  password: string;
  database: string;
  port: number;
}): Promise<string> {
  const mssql = jest.requireActual<MssqlDriver>("mssql");
  const config = { server: "127.0.0.1", port, user: "sa", password, database: name, options: { encrypt: false } };
  return new mssql.ConnectionPool(config).connect().then(
    () => "connected",
    (error: unknown) => String(error),
  );
}
