import { captured as untilCaptured } from "../../test/harness/captured";
import { testServer, type Answer, type Client, type TestServer } from "../../test/harness/sql-server";

const database = `cdc_capture_${process.pid}`;
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

/** Makes a captured table of that name: a key, a name and a note. */
async function table(name: string): Promise<void> {
  await run(
    `CREATE TABLE dbo.${name} (id int NOT NULL PRIMARY KEY, name nvarchar(20), note nvarchar(max), twice AS id * 2)`,
  );
  await run(`EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'${name}', @role_name = NULL`);
}

const captured = () => untilCaptured(server, client, database);

/** Changes in their true order, as operation:id:name, transactions apart. */
async function changes(instance: string): Promise<string> {
  await captured();
  const { results } = await run(
    `SELECT __$start_lsn, __$operation, id, name FROM cdc.${instance}_CT ORDER BY __$start_lsn, __$command_id, __$seqval, __$operation`,
  );
  let lsn = "";
  const parts = (results[0]?.rows ?? []).map(([start, operation, id, name]) => {
    const next = (start as Buffer).toString("hex");
    const isNew = lsn !== "" && lsn !== next;
    lsn = next;
    return `${isNew ? "| " : ""}${String(operation)}:${String(id)}:${String(name)}`;
  });
  return parts.join(" ");
}

describe("change data capture", () => {
  test("an insert, an update and a delete are one transaction each", async () => {
    await table("plain");
    await run("INSERT dbo.plain (id, name) VALUES (1, N'a'), (2, N'b')");
    await run("UPDATE dbo.plain SET name = N'c' WHERE id = 1");
    await run("DELETE dbo.plain WHERE id = 2");
    expect(await changes("dbo_plain")).toBe("2:1:a 2:2:b | 3:1:a 4:1:c | 1:2:b");
  });

  test("what is rolled back leaves no trace, and a transaction over two tables has one LSN", async () => {
    await table("left_one");
    await table("right_one");
    await run("BEGIN TRAN; INSERT dbo.left_one (id) VALUES (1); ROLLBACK");
    await run("BEGIN TRAN; INSERT dbo.left_one (id) VALUES (2); INSERT dbo.right_one (id) VALUES (3); COMMIT");
    expect([await changes("dbo_left_one"), await changes("dbo_right_one")]).toEqual(["2:2:null", "2:3:null"]);
    const { text } = await run(
      "SELECT COUNT(*) FROM cdc.dbo_left_one_CT l JOIN cdc.dbo_right_one_CT r ON r.__$start_lsn = l.__$start_lsn",
    );
    expect(text).toBe("(1)");
  });

  test("a key update of one row is a delete and an insert with one sequence value and two commands", async () => {
    await table("single_key");
    await run("INSERT dbo.single_key (id, name) VALUES (1, N'a')");
    await run("UPDATE dbo.single_key SET id = 2");
    expect(await changes("dbo_single_key")).toBe("2:1:a | 1:1:a 2:2:a");
    const { text } = await run(
      "SELECT COUNT(DISTINCT __$seqval), COUNT(DISTINCT __$command_id) FROM cdc.dbo_single_key_CT WHERE __$start_lsn = (SELECT MAX(__$start_lsn) FROM cdc.dbo_single_key_CT)",
    );
    expect(text).toBe("(1,2)");
  });

  test("keys swapped in one statement replay right by command, not by sequence value", async () => {
    await table("swapped");
    await run("INSERT dbo.swapped (id, name) VALUES (1, N'a'), (2, N'b')");
    await run("UPDATE dbo.swapped SET id = 3 - id");
    await captured();
    expect(await replay("swapped", "__$command_id, __$seqval, __$operation")).toEqual({ 1: "b", 2: "a" });
  });

  test("the same key many times in one transaction keeps its order", async () => {
    await table("again");
    await run(
      "BEGIN TRAN; INSERT dbo.again (id, name) VALUES (1, N'a'); UPDATE dbo.again SET name = N'b'; DELETE dbo.again; INSERT dbo.again (id, name) VALUES (1, N'c'); COMMIT",
    );
    expect(await changes("dbo_again")).toBe("2:1:a 3:1:a 4:1:b 1:1:b 2:1:c");
  });

  test("update masks, unchanged (max) columns and computed columns", async () => {
    await table("masks");
    await run("INSERT dbo.masks (id, name, note) VALUES (1, N'a', N'long')");
    await run("UPDATE dbo.masks SET name = N'b'");
    await run("UPDATE dbo.masks SET note = N'other'");
    await captured();
    const { text } = await run("SELECT __$operation, __$update_mask, name, note, twice FROM cdc.dbo_masks_CT");
    expect(text).toBe(
      "(2,0x0F,a,long,NULL / 3,0x02,a,NULL,NULL / 4,0x02,b,NULL,NULL / 3,0x04,b,long,NULL / 4,0x04,b,other,NULL)",
    );
    const asked = await run(
      "SELECT sys.fn_cdc_has_column_changed('dbo_masks', 'note', 0x04), sys.fn_cdc_get_column_ordinal('dbo_masks', 'note')",
    );
    expect(asked.text).toBe("(1,3)");
  });

  test("the functions give all and net changes, and tell a bad range as error 313", async () => {
    await table("ranges");
    await run("INSERT dbo.ranges (id, name) VALUES (1, N'a'), (2, N'b')");
    await run("UPDATE dbo.ranges SET name = N'z' WHERE id = 1");
    await run("DELETE dbo.ranges WHERE id = 2");
    await captured();
    const bounds =
      "DECLARE @a binary(10) = sys.fn_cdc_get_min_lsn('dbo_ranges'), @b binary(10) = sys.fn_cdc_get_max_lsn(); ";
    const all = await run(
      `${bounds} SELECT __$operation, id FROM cdc.fn_cdc_get_all_changes_dbo_ranges(@a, @b, N'all')`,
    );
    expect(all.text).toBe("(2,1 / 2,2 / 4,1 / 1,2)");
    const old = await run(
      `${bounds} SELECT __$operation, id FROM cdc.fn_cdc_get_all_changes_dbo_ranges(@a, @b, N'all update old')`,
    );
    expect(old.text).toBe("(2,1 / 2,2 / 3,1 / 4,1 / 1,2)");
    const net = await run(
      `${bounds} SELECT __$operation, id, name FROM cdc.fn_cdc_get_net_changes_dbo_ranges(@a, @b, N'all')`,
    );
    expect(net.text).toBe("(2,1,z)");
    const below = await client.batch(
      `${bounds} SELECT * FROM cdc.fn_cdc_get_all_changes_dbo_ranges(sys.fn_cdc_decrement_lsn(@a), @b, N'all')`,
    );
    expect(below.errors[0]).toMatchObject({ number: 313, state: 3, class: 16 });
    expect((await client.batch("SELECT * FROM cdc.fn_cdc_get_all_changes_dbo_gone(0x01, 0x02, N'all')")).text).toBe(
      "!208",
    );
  });

  test("times and LSNs map onto one another", async () => {
    const { text } = await run(
      "SELECT TOP 1 CASE WHEN sys.fn_cdc_map_lsn_to_time(start_lsn) = tran_end_time THEN 1 END, CASE WHEN sys.fn_cdc_map_time_to_lsn('largest less than or equal', GETDATE()) = sys.fn_cdc_get_max_lsn() THEN 1 END, CASE WHEN sys.fn_cdc_map_time_to_lsn('smallest greater than', GETDATE()) IS NULL THEN 1 END FROM cdc.lsn_time_mapping ORDER BY start_lsn",
    );
    expect(text).toBe("(1,1,1)");
  });

  test("an LSN without a transaction tells that everything before it was captured", async () => {
    if (!server.standIn) return;
    const { control } = server.standIn;
    await table("quiet");
    await captured();
    control.stopAgent();
    await run("INSERT dbo.quiet (id) VALUES (1)");
    control.writeDummyLsn(database);
    const { text } = await run(
      "SELECT id, CASE WHEN __$start_lsn < sys.fn_cdc_get_max_lsn() THEN 1 END FROM cdc.dbo_quiet_CT",
    );
    control.startAgent();
    expect(text).toBe("(1,1)");
  });

  test("two instances at most; each has its own columns, and a table in CDC can't be truncated", async () => {
    await table("twice");
    const second =
      "EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'twice', @role_name = NULL, @supports_net_changes = 0";
    await run("ALTER TABLE dbo.twice ADD extra int");
    await run(`${second}, @capture_instance = N'twice_2', @captured_column_list = N'id, extra'`);
    await run("INSERT dbo.twice (id, name, extra) VALUES (1, N'a', 7)");
    await captured();
    expect((await run("SELECT id, name FROM cdc.dbo_twice_CT")).text).toBe("(1,a)");
    expect((await run("SELECT id, extra FROM cdc.twice_2_CT")).text).toBe("(1,7)");
    expect((await client.batch(`${second}, @capture_instance = N'twice_3'`)).text).toBe("!22962");
    expect((await client.batch("TRUNCATE TABLE dbo.twice")).text).toBe("!4711");
    await run(
      "EXEC sys.sp_cdc_disable_table @source_schema = N'dbo', @source_name = N'twice', @capture_instance = N'dbo_twice'",
    );
    expect((await client.batch("SELECT * FROM cdc.dbo_twice_CT")).text).toBe("!208");
    expect((await run("SELECT id, extra FROM cdc.twice_2_CT")).text).toBe("(1,7)");
  });

  test("a dropped column goes on as NULL, a renamed one under its old name, and the history has both", async () => {
    await table("drift");
    await run("ALTER TABLE dbo.drift DROP COLUMN note");
    await run("EXEC sp_rename 'dbo.drift.name', 'title', 'COLUMN'");
    await run("INSERT dbo.drift (id, title) VALUES (1, N'a')");
    await captured();
    expect((await run("SELECT id, name, note FROM cdc.dbo_drift_CT")).text).toBe("(1,a,NULL)");
    const { results } = await run("EXEC sys.sp_cdc_get_ddl_history @capture_instance = N'dbo_drift'");
    expect(results[0]?.rows.map((row) => String(row[4]).trim())).toContain("ALTER TABLE dbo.drift DROP COLUMN note");
  });

  test.each([
    ["EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'none', @role_name = NULL", "!22931"],
    ["EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'plain', @role_name = N''", "!22907"],
    ["EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'plain'", "!201"],
    ["EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'plain', @role_name = NULL", "!22926"],
    [
      "EXEC sys.sp_cdc_disable_table @source_schema = N'dbo', @source_name = N'plain', @capture_instance = N'nope'",
      "!22960",
    ],
    [
      "EXEC sys.sp_cdc_disable_table @source_schema = N'dbo', @source_name = N'uncaptured', @capture_instance = N'all'",
      "!22985",
    ],
    [
      "EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'uncaptured', @role_name = NULL, @supports_net_changes = 1",
      "!22939",
    ],
    [
      "EXEC sys.sp_cdc_enable_table @source_schema = N'cdc', @source_name = N'lsn_time_mapping', @role_name = NULL",
      "!22974",
    ],
  ])("%s is refused", async (sql, expected) => {
    await client.batch("IF OBJECT_ID('dbo.uncaptured') IS NULL CREATE TABLE dbo.uncaptured (n int)");
    expect((await client.batch(sql)).text).toBe(expected);
  });
});

/** Applies the changes of a table in an order; what is left, by id. */
async function replay(name: string, order: string): Promise<Record<number, string>> {
  const { results } = await run(
    `SELECT __$operation, id, name FROM cdc.dbo_${name}_CT ORDER BY __$start_lsn, ${order}`,
  );
  const rows = new Map<number, string>();
  for (const [operation, id, value] of (results[0]?.rows ?? []) as [number, number, string][]) {
    if (operation === 1) rows.delete(id);
    else if (operation !== 3) rows.set(id, value);
  }
  return Object.fromEntries(rows);
}
