import { openCopy } from "../../databases/postgres/copy";
import { NO_LSN, type Lsn } from "../../model/lsn";
import { shapeOf } from "../../model/table-shape";
import { mapType } from "../../model/type-mapping";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { openCaptureLab, type CaptureLab } from "../../test/harness/capture-lab";
import { column, sinkTable } from "../../test/harness/sink-model";
import { copyChanges, stagingColumnsOf, type ChangeCopy } from "./change-copier";

/** Type, values as they are written, and as PostgreSQL prints them. */
const LIMITS: readonly (readonly [type: string, ...values: (readonly [written: string, printed: string])[]])[] = [
  ["bit", ["0", "false"], ["1", "true"]],
  ["tinyint", ["0", "0"], ["255", "255"]],
  ["smallint", ["-32768", "-32768"], ["32767", "32767"]],
  ["int", ["-2147483648", "-2147483648"], ["2147483647", "2147483647"]],
  ["bigint", ["-9223372036854775808", "-9223372036854775808"], ["9223372036854775807", "9223372036854775807"]],
  ["decimal(38,0)", [`-${"9".repeat(38)}`, `-${"9".repeat(38)}`], ["9".repeat(38), "9".repeat(38)]],
  ["decimal(38,38)", [`-0.${"9".repeat(38)}`, `-0.${"9".repeat(38)}`], ["0", `0.${"0".repeat(38)}`]],
  ["numeric(19,4)", ["-0.0001", "-0.0001"], ["999999999999999.9999", "999999999999999.9999"]],
  ["money", ["-922337203685477.5808", "-922337203685477.5808"], ["922337203685477.5807", "922337203685477.5807"]],
  ["smallmoney", ["-214748.3648", "-214748.3648"], ["214748.3647", "214748.3647"]],
  ["float", ["-1.7976931348623157E308", "-1.7976931348623157e+308"], ["0.1", "0.1"]],
  ["real", ["3.4028235E38", "3.4028235e+38"], ["1.17549435E-38", "1.1754944e-38"]],
  ["date", ["'0001-01-01'", "0001-01-01"], ["'9999-12-31'", "9999-12-31"]],
  ["time(7)", ["'00:00:00'", "00:00:00"], ["'23:59:59.9999999'", "23:59:59.999999"]],
  ["time(0)", ["'00:00:00'", "00:00:00"], ["'23:59:59'", "23:59:59"]],
  ["smalldatetime", ["'1900-01-01'", "1900-01-01 00:00:00"], ["'2079-06-06 23:59'", "2079-06-06 23:59:00"]],
  ["datetime", ["'1753-01-01'", "1753-01-01 00:00:00"], ["'9999-12-31 23:59:59.997'", "9999-12-31 23:59:59.997"]],
  [
    "datetime2(7)",
    ["'0001-01-01'", "0001-01-01 00:00:00"],
    ["'9999-12-31 23:59:59.9999999'", "9999-12-31 23:59:59.999999"],
  ],
  [
    "datetime2(3)",
    ["'0001-01-01 00:00:00.001'", "0001-01-01 00:00:00.001"],
    ["'9999-12-31 23:59:59.999'", "9999-12-31 23:59:59.999"],
  ],
  [
    "datetimeoffset(7)",
    ["'0001-01-01 14:00:00 +14:00'", "0001-01-01 00:00:00+00"],
    ["'9999-12-31 09:59:59.9999999 -14:00'", "9999-12-31 23:59:59.999999+00"],
  ],
  [
    "uniqueidentifier",
    ["'00112233-4455-6677-8899-aabbccddeeff'", "00112233-4455-6677-8899-aabbccddeeff"],
    ["'ffffffff-ffff-ffff-ffff-ffffffffffff'", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
  ],
  ["char(3)", ["'a'", "a"], ["'\\\n\t'", "\\\n\t"]],
  ["varchar(8000)", ["''", ""], ["REPLICATE('x', 8000)", "x".repeat(8000)]],
  ["nchar(2)", ["N'é'", "é"], ["N'😀'", "😀"]],
  ["nvarchar(4000)", ["REPLICATE(N'中', 4000)", "中".repeat(4000)], ["N'a\\b\r\n'", "a\\b\r\n"]],
  ["varchar(max)", ["REPLICATE(CAST('y' AS varchar(max)), 100000)", "y".repeat(100_000)], ["''", ""]],
  ["nvarchar(max)", ["REPLICATE(CAST(N'é' AS nvarchar(max)), 50000)", "é".repeat(50_000)], ["N''", ""]],
  ["binary(4)", ["0x01", "\\x01000000"], ["0xFFFFFFFF", "\\xffffffff"]],
  ["varbinary(8000)", ["0x", "\\x"], ["0x00FF", "\\x00ff"]],
  ["varbinary(max)", ["0x5C6E", "\\x5c6e"], ["0x", "\\x"]],
  ["text", ["'old'", "old"], ["''", ""]],
  ["ntext", ["N'öld'", "öld"], ["N''", ""]],
  ["image", ["0x0102", "\\x0102"], ["0x", "\\x"]],
  ["xml", ["N'<a>ö</a>'", "<a>ö</a>"], ["N'<b/>'", "<b/>"]],
];

const SHAPE = shapeOf(
  sinkTable("s", "Limit", {
    source: { database: "D", schema: "dbo", table: "Limit" },
    columns: [
      column("Id", "integer", { nullable: false }),
      ...LIMITS.map(([type], index) => column(`c${String(index)}`, mapType(type).type)),
    ],
  }),
);
const END = "f".repeat(20) as Lsn;

let lab: CaptureLab;
let database: TestDatabase;
beforeAll(async () => {
  [lab, database] = await Promise.all([openCaptureLab(), createTestDatabase()]);
});
afterAll(() => Promise.all([lab.close(), database.drop()]));

async function copyOf(table: string, types: readonly string[]): Promise<ChangeCopy> {
  const columns = types.map((type, index) => `c${String(index)} ${type} NULL`);
  await lab.run(`CREATE TABLE dbo.${table} (Id int NOT NULL PRIMARY KEY, ${columns.join(", ")})`);
  await lab.capture(table);
  const captured = ["int", ...types].map((type, index) => {
    const name = index === 0 ? "Id" : `c${String(index - 1)}`;
    return { name, sourceName: name, ordinal: index + 1, type };
  });
  const instance = { name: `dbo_${table}`, schema: "dbo", table, startLsn: NO_LSN, columns: captured };
  return { shape: SHAPE, origin: "o", instance, after: NO_LSN, upTo: END };
}

test("every type at its limits is in PostgreSQL what it is in SQL Server", async () => {
  const copy = await copyOf(
    "Limit",
    LIMITS.map(([type]) => type),
  );
  const rows = [1, 2].map((at) => LIMITS.map((limit) => (limit[at] as readonly [string, string])[0]).join(", "));
  // One by one: the rows of one VALUES would have to agree on types.
  await lab.run(`INSERT dbo.Limit VALUES (1, ${rows[0] ?? ""})`);
  await lab.run(`INSERT dbo.Limit VALUES (2, ${rows[1] ?? ""})`);
  await lab.run("INSERT dbo.Limit (Id) VALUES (3)");
  await lab.captured();
  const client = await database.connect();
  const names = stagingColumnsOf(SHAPE);
  const types = new Map(SHAPE.columns.map(({ name, type }) => [name, type]));
  await client.query("SET TimeZone = 'UTC'; SET bytea_output = 'hex'");
  await client.query(
    `CREATE TEMP TABLE t (${names.map((name) => `"${name}" ${types.get(name) ?? "text"}`).join(", ")})`,
  );
  const into = openCopy(client, "COPY t FROM STDIN");
  await copyChanges(lab.config, copy, (chunk) => into.write(chunk));
  expect(await into.finish()).toBe(3);
  const printed = LIMITS.map((_limit, index) => `c${String(index)}::text`);
  const found = await client.query<string[]>({
    text: `SELECT ${printed.join(", ")} FROM t ORDER BY "Id"`,
    rowMode: "array",
  });
  const expected = [1, 2].map((at) => LIMITS.map((limit) => (limit[at] as readonly [string, string])[1]));
  expect(found.rows).toEqual([...expected, LIMITS.map(() => null)]);
  await client.end();
});

describe("a writer that cannot take more", () => {
  let copy: ChangeCopy;
  beforeAll(async () => {
    const types = ["nvarchar(400)"];
    copy = {
      ...(await copyOf("Many", types)),
      shape: {
        ...SHAPE,
        columns: [...SHAPE.columns.slice(0, 1), { name: "c0", source: "c0", type: "text", nullable: true }],
      },
    };
    await lab.run("CREATE TABLE dbo.Digit (D int NOT NULL)");
    await lab.run(
      `INSERT dbo.Digit VALUES ${Array.from({ length: 10 }, (_, digit) => `(${String(digit)})`).join(", ")}`,
    );
    await lab.run(`INSERT dbo.Many SELECT a.D * 1000 + b.D * 100 + c.D * 10 + d.D, REPLICATE(N'x', 400)
      FROM dbo.Digit a CROSS JOIN dbo.Digit b CROSS JOIN dbo.Digit c CROSS JOIN dbo.Digit d`);
    await lab.captured();
  });

  test("makes the server wait", async () => {
    let chunks = 0;
    let go: () => void = () => undefined;
    let came: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    const first = new Promise<void>((resolve) => (came = resolve));
    const copying = copyChanges(lab.config, copy, () => {
      chunks += 1;
      came();
      return held;
    });
    await first;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(chunks).toBe(1);
    go();
    expect(await copying).toMatchObject({ rows: 10_000, events: 10_000, transactions: 1 });
    expect(chunks).toBeGreaterThan(20);
  });

  test("is left alone when the signal says so, and the connection is of use again", async () => {
    const abortion = new AbortController();
    const never = new Promise<void>(() => undefined);
    const copying = copyChanges(lab.config, { ...copy, signal: abortion.signal }, () => {
      abortion.abort(new Error("enough"));
      return never;
    });
    await expect(copying).rejects.toThrow("enough");
    expect(await copyChanges(lab.config, copy, () => undefined)).toMatchObject({ rows: 10_000 });
  });
});
