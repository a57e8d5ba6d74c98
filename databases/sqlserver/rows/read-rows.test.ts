import { startSqlServer, type RunningSqlServer } from "../../../sandbox/sqlserver";
import type { MsSqlConfig } from "../config";
import { openSession, type Session } from "../connection";
import { TcpRelay } from "../../../test/harness/tcp-relay";
import { readRows, type Select } from "./read-rows";
import type { ReadOptions } from "./request-run";
import type { ExactRow } from "./row-reader";

let server: RunningSqlServer;
let config: MsSqlConfig;
const sessions: Session[] = [];

beforeAll(async () => {
  server = await startSqlServer({ databases: ["Clinic"] });
  const { host, port, user, password } = server;
  config = { host, port, user, password, database: "Clinic", trustServerCertificate: true };
  const session = await open({});
  await run(session, "CREATE TABLE dbo.Digit (D int NOT NULL, Note nvarchar(20) NULL)");
  const digits = Array.from(
    { length: 10 },
    (_, d) => `(${String(d)}, ${d % 3 === 0 ? "NULL" : `N'number ${String(d)} \u00e9'`})`,
  );
  await run(session, `INSERT INTO dbo.Digit VALUES ${digits.join(", ")}`);
});
afterAll(async () => {
  for (const session of sessions) session.close();
  await server.stop();
});

async function open(change: Partial<MsSqlConfig>, packetSize?: number): Promise<Session> {
  const session = await openSession({ ...config, ...change }, packetSize === undefined ? {} : { packetSize });
  sessions.push(session);
  return session;
}

async function run(session: Session, statement: string | Select, options?: ReadOptions): Promise<ExactRow[]> {
  const rows: ExactRow[] = [];
  for await (const batch of readRows(session, statement, options)) rows.push(...batch.rows);
  return rows;
}

/** 10^n rows of a number, a text that is NULL in 4 of 10, a decimal and a moment. */
function numbers(n: number): string {
  const names = Array.from({ length: n }, (_, index) => `t${String(index)}`);
  const value = names.map((name, index) => `${name}.D * ${String(10 ** index)}`).join(" + ");
  const from = names.map((name) => `dbo.Digit ${name}`).join(" CROSS JOIN ");
  return `SELECT ${value} AS n, t0.Note, CAST(t0.D AS decimal(19,4)) AS d, CAST('2026-01-31 12:00:00.1234567' AS datetime2(7)) AS at FROM ${from}`;
}

function expectNumbers(rows: readonly ExactRow[], count: number): void {
  expect(rows).toHaveLength(count);
  const seen = new Set(rows.map(([n]) => n));
  expect(seen.size).toBe(count);
  const wrong = rows.find(([n, note, d, at]) => {
    const digit = Number(n) % 10;
    const isNote = digit % 3 === 0 ? note === null : note === `number ${String(digit)} é`;
    return !isNote || d !== `${String(digit)}.0000` || at !== "2026-01-31 12:00:00.1234567";
  });
  expect(wrong).toBeUndefined();
}

describe("values", () => {
  const LIMITS: [type: string, written: string, text: string | null][] = [
    ["bit", "1", "1"],
    ["tinyint", "255", "255"],
    ["smallint", "-32768", "-32768"],
    ["int", "2147483647", "2147483647"],
    ["bigint", "'-9223372036854775808'", "-9223372036854775808"],
    ["bigint", "'9007199254740993'", "9007199254740993"],
    ["decimal(38,0)", `'${"9".repeat(38)}'`, "9".repeat(38)],
    ["decimal(38,38)", `'-0.${"9".repeat(38)}'`, `-0.${"9".repeat(38)}`],
    ["decimal(18,4)", "'12345678901234.5678'", "12345678901234.5678"],
    ["decimal(5,2)", "15", "15.00"],
    ["numeric(19,19)", "'0.0000000000000000001'", "0.0000000000000000001"],
    ["money", "'922337203685477.5807'", "922337203685477.5807"],
    ["money", "'-922337203685477.5808'", "-922337203685477.5808"],
    ["money", "'-0.0001'", "-0.0001"],
    ["smallmoney", "'-214748.3648'", "-214748.3648"],
    ["real", "'0.1'", "0.1"],
    ["real", "'3.4028235E+38'", "3.4028235e+38"],
    ["real", "'1.17549435E-38'", "1.1754944e-38"],
    ["float", "'1.7976931348623157E+308'", "1.7976931348623157e+308"],
    ["float", "'0.1'", "0.1"],
    ["date", "'0001-01-01'", "0001-01-01"],
    ["date", "'9999-12-31'", "9999-12-31"],
    ["date", "'2000-02-29'", "2000-02-29"],
    ["time(7)", "'23:59:59.9999999'", "23:59:59.9999999"],
    ["time(0)", "'00:00:00'", "00:00:00"],
    ["time(4)", "'01:02:03.0405'", "01:02:03.0405"],
    ["datetime", "'1753-01-01 00:00:00.003'", "1753-01-01 00:00:00.003"],
    ["datetime", "'9999-12-31 23:59:59.997'", "9999-12-31 23:59:59.997"],
    ["smalldatetime", "'2079-06-06 23:59'", "2079-06-06 23:59:00"],
    ["datetime2(7)", "'0001-01-01 00:00:00.0000001'", "0001-01-01 00:00:00.0000001"],
    ["datetime2(7)", "'9999-12-31 23:59:59.9999999'", "9999-12-31 23:59:59.9999999"],
    ["datetime2(0)", "'1900-03-01 00:00:01'", "1900-03-01 00:00:01"],
    ["datetimeoffset(7)", "'2020-01-01 01:02:03.1234567 +05:30'", "2020-01-01 01:02:03.1234567 +05:30"],
    ["datetimeoffset(3)", "'2020-12-31 23:30:00.001 -14:00'", "2020-12-31 23:30:00.001 -14:00"],
    ["uniqueidentifier", "'00112233-4455-6677-8899-aabbccddeeff'", "00112233-4455-6677-8899-AABBCCDDEEFF"],
    ["varbinary(10)", "0x00FF", "0x00ff"],
    ["varbinary(10)", "0x", "0x"],
    ["binary(4)", "0x01", "0x01000000"],
    ["varbinary(max)", "0xDEADBEEF", "0xdeadbeef"],
    ["char(5)", "'ab'", "ab   "],
    ["varchar(20)", "'caf\u00e9 \u20ac\u017d'", "café €Ž"],
    ["varchar(max)", "REPLICATE(CAST('\u00e9' AS varchar(max)), 9001)", "é".repeat(9001)],
    ["nvarchar(20)", "N'\ud83d\ude00'", "😀"],
    ["nvarchar(20)", "N''", ""],
    ["nvarchar(max)", "REPLICATE(CAST(N'\u4e2d' AS nvarchar(max)), 50000)", "中".repeat(50_000)],
    ["xml", "N'<a>\u00f6</a>'", "<a>ö</a>"],
    ["text", "'old'", "old"],
    ["ntext", "N'\u00f6ld'", "öld"],
    ["image", "0x0102", "0x0102"],
    ["sql_variant", "CAST('12345678901234.5678' AS decimal(18,4))", "12345678901234.5678"],
    ["sql_variant", "N'\u00f6'", "ö"],
    [
      "sql_variant",
      "CAST('2020-01-01 01:02:03.1234567 +05:30' AS datetimeoffset(7))",
      "2020-01-01 01:02:03.1234567 +05:30",
    ],
    ["sql_variant", "CAST(0x0102 AS varbinary(9))", "0x0102"],
  ];

  test.each(LIMITS)("%s %s", async (type, written, text) => {
    const session = sessions[0] as Session;
    const cast = `CAST(${written} AS ${type})`;
    // NULL beside it: the row is an NBCROW then.
    const select = ["1", cast, `CAST(NULL AS ${type})`, "2"];
    expect(await run(session, { select, from: "" })).toEqual([["1", text, null, "2"]]);
    expect(await run(session, `SELECT ${cast} AS v`)).toEqual([[text]]);
    if (type !== "sql_variant")
      expect(await run(session, { select, from: "" }, { plain: true })).toEqual([["1", text, null, "2"]]);
  });

  test("text in UTF-8", async () => {
    const text = "CAST('é€ž' AS varchar(20)) COLLATE Latin1_General_100_CI_AS_SC_UTF8";
    expect(await run(sessions[0] as Session, `SELECT ${text} AS v`)).toEqual([["é€ž"]]);
  });
});

describe("the way over the wire", () => {
  test.each([512, 4096, 16_384, 32_767])("packets of %d bytes, however TCP tears them", async (packetSize) => {
    const relay = await TcpRelay.open(server.port, { piece: 997 });
    try {
      const session = await open({ port: relay.port, encrypt: false }, packetSize);
      expectNumbers(await run(session, numbers(3)), 1000);
      session.close();
    } finally {
      await relay.close();
    }
  });

  test("encrypted rows are the same", async () => {
    expectNumbers(await run(await open({ encrypt: true }), numbers(4)), 10_000);
  });

  test.each([600, 2_000, 20_000, 70_000])(
    "a reset after %d bytes of rows is an error, never a short read",
    async (bytes) => {
      const relay = await TcpRelay.open(server.port, {});
      try {
        const session = await open({ port: relay.port, encrypt: false }, 4096);
        relay.resetAfter(bytes);
        let rows = 0;
        const reading = async (): Promise<void> => {
          for await (const batch of readRows(session, numbers(4))) rows += batch.rows.length;
        };
        await expect(reading()).rejects.toThrow(/./);
        expect(rows).toBeLessThan(10_000);
        expect(session.isBroken()).toBe(true);
      } finally {
        await relay.close();
      }
    },
  );
});

describe("a slow or unwilling reader", () => {
  test("100,000 rows wait at the server, not in memory", async () => {
    const session = await open({ encrypt: false });
    const { socket } = session.connection as unknown as { socket: { bytesRead: number } };
    let rows = 0;
    let largest = 0;
    let readWhileBusy = 0;
    for await (const batch of readRows(session, numbers(5))) {
      rows += batch.rows.length;
      largest = Math.max(largest, batch.rows.length);
      if (rows === 0 || readWhileBusy > 0) continue;
      await new Promise((resolve) => setTimeout(resolve, 300));
      readWhileBusy = socket.bytesRead;
    }
    expect(rows).toBe(100_000);
    expect(largest).toBeLessThan(5_000);
    // A few packets and the streams' own buffers.
    expect(readWhileBusy).toBeLessThan(1_000_000);
    expect(socket.bytesRead).toBeGreaterThan(3_000_000);
  });

  test("leaving the loop cancels the statement, and the connection is of use again", async () => {
    const session = await open({});
    for await (const batch of readRows(session, numbers(5))) if (batch.rows.length > 0) break;
    expect(await run(session, "SELECT 7 AS seven")).toEqual([["7"]]);
    expect(session.isBroken()).toBe(false);
  });

  test("a signal cancels with its reason", async () => {
    const session = await open({});
    const controller = new AbortController();
    const reading = async (): Promise<void> => {
      for await (const batch of readRows(session, numbers(5), { signal: controller.signal }))
        if (batch.rows.length > 0) controller.abort(new Error("enough"));
    };
    await expect(reading()).rejects.toThrow("enough");
    expect(await run(session, "SELECT 7 AS seven")).toEqual([["7"]]);
  });
});

test("an error after the rows is an error of the read", async () => {
  const session = await open({});
  await expect(run(session, "SELECT 1 AS one; RAISERROR('late', 16, 1)")).rejects.toThrow("late");
});

test("without our decoder a statement whose digits would be lost is refused, and a Select is converted", async () => {
  const session = await open({});
  const reasons: string[] = [];
  const options = { plain: true, onPlain: (reason: string) => reasons.push(reason) };
  await expect(run(session, "SELECT CAST(1 AS money) AS m", options)).rejects.toThrow("would lose digits");
  const select = ["CAST('922337203685477.5807' AS money)", "2"];
  expect(await run(session, { select, from: "" }, options)).toEqual([["922337203685477.5807", "2"]]);
  expect(reasons).toEqual(["asked for", "asked for"]);
});
