import { setTimeout as sleep } from "node:timers/promises";
import { testServer, type Client, type TestServer } from "../../test/harness/sql-server";

const database = `cdc_app_locks_${String(process.pid)}`;
let server: TestServer;
let one: Client;
let two: Client;

beforeAll(async () => {
  server = await testServer();
  const first = await server.connect();
  await first.batch(`CREATE DATABASE ${database}`);
  await first.close();
});

beforeEach(async () => {
  [one, two] = [await server.connect(database), await server.connect(database)];
});

afterEach(() => Promise.all([one.close(), two.close()]));

afterAll(async () => {
  const last = await server.connect();
  await last.batch(`DROP DATABASE ${database}`);
  await last.close();
  await server.stop();
});

const get = (resource: string, mode = "Exclusive", owner = "Session", timeoutMs = 0): string =>
  `DECLARE @r int; EXEC @r = sp_getapplock @Resource = N'${resource}', @LockMode = '${mode}', @LockOwner = '${owner}', @LockTimeout = ${String(timeoutMs)}; SELECT @r`;
const release = (resource: string, owner = "Session"): string =>
  `DECLARE @r int; EXEC @r = sp_releaseapplock @Resource = N'${resource}', @LockOwner = '${owner}'; SELECT @r`;
const mode = (resource: string, owner = "Session"): string =>
  `SELECT APPLOCK_MODE('public', N'${resource}', '${owner}')`;
const textOf = async (client: Client, sql: string): Promise<string> => (await client.batch(sql)).text;

describe("application locks", () => {
  test("one session has it, the other is refused at once, after its time, or waits", async () => {
    expect(await textOf(one, get("a"))).toBe("(0)");
    expect(await textOf(two, get("a"))).toBe("(-1)");
    expect(await textOf(two, get("a", "Shared", "Session", 30))).toBe("(-1)");
    const waiting = textOf(two, get("a", "Exclusive", "Session", 20_000));
    await sleep(30);
    expect(await textOf(one, release("a"))).toBe("(0)");
    expect(await waiting).toBe("(1)");
    expect(await textOf(one, get("a"))).toBe("(-1)");
    expect(await textOf(two, mode("a"))).toBe("(Exclusive)");
    expect(await textOf(one, mode("a"))).toBe("(NoLock)");
  });

  test("it takes as many releases, and no more", async () => {
    expect(await textOf(one, `${get("b")}; EXEC @r = sp_getapplock N'b', 'shared', 'SESSION'; SELECT @r`)).toBe(
      "(0) (0)",
    );
    expect(await textOf(one, release("b"))).toBe("(0)");
    expect(await textOf(one, mode("b"))).toBe("(Exclusive)");
    expect(await textOf(two, get("b"))).toBe("(-1)");
    expect(await textOf(one, release("b"))).toBe("(0)");
    expect(await textOf(one, release("b"))).toBe("!1223 (-999)");
    expect(await textOf(two, get("b"))).toBe("(0)");
  });

  test("a connection that is cut gives everything back; so does one that ends or is reset", async () => {
    expect(await textOf(one, `${get("c")}; EXEC sp_getapplock N'c2', 'Update', 'Session'`)).toBe("(0)");
    const waiting = textOf(two, get("c", "Exclusive", "Session", 20_000));
    await sleep(30);
    (one.connection as unknown as { socket: { destroy(): void } }).socket.destroy();
    expect(await waiting).toBe("(1)");
    expect(await textOf(two, get("c2"))).toBe("(0)");
    await new Promise((resolve) => two.connection.reset(resolve));
    expect(await textOf(two, `${mode("c")} ${mode("c2")}`)).toBe("(NoLock) (NoLock)");
    one = await server.connect(database);
  });

  test("a transaction's locks end with it, and not with a savepoint", async () => {
    await one.batch("BEGIN TRAN; SAVE TRAN s");
    expect(await textOf(one, get("d", "Exclusive", "Transaction"))).toBe("(0)");
    await one.batch("ROLLBACK TRAN s");
    expect(await textOf(two, get("d"))).toBe("(-1)");
    expect(await textOf(one, mode("d", "Transaction"))).toBe("(Exclusive)");
    expect(await textOf(one, mode("d"))).toBe("(NoLock)");
    await one.batch("COMMIT");
    expect(await textOf(two, get("d"))).toBe("(0)");
  });

  test.each([
    ["Shared", "Shared", "(0)"],
    ["Shared", "Update", "(0)"],
    ["Update", "Update", "(-1)"],
    ["Shared", "IntentExclusive", "(-1)"],
    ["IntentExclusive", "IntentExclusive", "(0)"],
    ["IntentShared", "Update", "(0)"],
    ["IntentShared", "Exclusive", "(-1)"],
  ])("%s held, %s asked: %s", async (held, asked, answer) => {
    await one.batch(get(`e ${held} ${asked}`, held));
    expect(await textOf(two, get(`e ${held} ${asked}`, asked))).toBe(answer);
    expect(await textOf(two, `SELECT APPLOCK_TEST('public', N'e ${held} ${asked}', '${asked}', 'Session')`)).toBe(
      answer === "(0)" ? "(1)" : "(0)",
    );
  });

  test("modes of one owner are joined", async () => {
    await one.batch(`${get("f", "Shared")}; EXEC sp_getapplock N'f', 'IntentExclusive', 'Session'`);
    expect(await textOf(one, mode("f"))).toBe("(SharedIntentExclusive)");
    expect(await textOf(two, get("f", "IntentShared"))).toBe("(0)");
    expect(await textOf(two, get("f", "Shared"))).toBe("(-1)");
  });

  test("of two that wait for one another one gets -3, keeps what it has, and the other goes on when that is given up", async () => {
    await one.batch(get("g1"));
    await two.batch(get("g2"));
    const first = textOf(one, get("g2", "Exclusive", "Session", 20_000));
    await sleep(30);
    expect(await textOf(two, get("g1", "Exclusive", "Session", 20_000))).toBe("(-3)");
    expect(await textOf(two, mode("g2"))).toBe("(Exclusive)");
    expect(await textOf(two, release("g2"))).toBe("(0)");
    expect(await first).toBe("(1)");
  });

  test("names are told apart by case and blanks, by principal and by database, and are cut at 255 characters", async () => {
    await one.batch(get("h"));
    expect(await textOf(two, get("H"))).toBe("(0)");
    expect(await textOf(two, get("h "))).toBe("(0)");
    const asDbo = "DECLARE @r int; EXEC @r = sp_getapplock N'h', 'Exclusive', 'Session', 0, 'dbo'; SELECT @r";
    expect(await textOf(two, asDbo)).toBe("(0)");
    expect(await textOf(two, `USE master; ${get("h")}`)).toBe("(0)");
    await two.batch(`USE ${database}`);
    const long = "x".repeat(255);
    await one.batch(get(`${long}1`));
    expect(await textOf(two, get(`${long}2`))).toBe("(-1)");
  });

  test.each([
    ["EXEC sp_getapplock N'x', 'Shared', 'Session', -5", "!1227"],
    ["EXEC sp_getapplock NULL, 'Shared', 'Session'", "!1224"],
    ["EXEC sp_getapplock N'x', 'Shared', 'Session', 0, 'nobody'", "!1202"],
    ["EXEC sp_getapplock @Resource = N'x'", "!201"],
    ["EXEC sp_releaseapplock N'x'", "!3918"],
    ["SELECT APPLOCK_MODE('public', 'x', 'Transaction')", "() !3918"],
    ["SELECT APPLOCK_MODE('public', 'x', 'Bogus')", "() !1226"],
    ["SELECT APPLOCK_TEST('public', 'x', 'Bogus', 'Session')", "() !1225"],
    ["DECLARE @r int; EXEC @r = sp_getapplock N'x', 'Bogus', 'Session'; SELECT @r", "(-999)"],
    ["DECLARE @r int; EXEC @r = sp_getapplock N'x', 'Shared'; SELECT @r", "(-999)"],
  ])("%s answers %s", async (sql, answer) => {
    expect(await textOf(one, sql)).toBe(answer);
  });
});
