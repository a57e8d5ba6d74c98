import { mapType } from "../../model/type-mapping";
import { column, sinkTable } from "../../test/harness/sink-model";
import { openSnapshotLab, type SnapshotLab } from "../../test/harness/snapshot-lab";
import { snapshotTable } from "../snapshot/snapshot-table";
import { verify } from "./verify";

/** Types of SQL Server, and values of each as constants of T-SQL. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  bigint: ["-9223372036854775808", "9223372036854775807"],
  smallint: ["-32768", "32767"],
  tinyint: ["0", "255"],
  bit: ["0", "1"],
  "decimal(38,10)": ["-9999999999999999999999999999.9999999999", "0.0000000001"],
  "numeric(8,2)": ["-999999.99", "0.5"],
  money: ["-922337203685477.5808", "0.0001"],
  smallmoney: ["-214748.3648", "1"],
  float: ["1.7976931348623157E308", "-2.2250738585072014E-308"],
  real: ["3.4028235E38", "0.1"],
  "char(5)": ["'ab'", "'     '"],
  "varchar(20)": ["'æøå €'", "''"],
  "nchar(4)": ["N'日本'", "N'a'"],
  "nvarchar(20)": ["N'tab\there, \\ and \"q\"'", "N'😀 trailing   '"],
  "nvarchar(max)": ["REPLICATE(CAST(N'long ' AS nvarchar(max)), 5000)", "N'\\N'"],
  "varchar(max)": ["REPLICATE(CAST('x' AS varchar(max)), 20000)", "'line' + CHAR(10) + 'feed'"],
  "binary(4)": ["0x00FF5C0A", "0x"],
  "varbinary(10)": ["0x5C4E", "0x"],
  "varbinary(max)": ["CAST(REPLICATE(CAST('y' AS varchar(max)), 9000) AS varbinary(max))", "0x00"],
  uniqueidentifier: ["'6F9619FF-8B86-D011-B42D-00C04FC964FF'", "'00000000-0000-0000-0000-000000000000'"],
  date: ["'0001-01-01'", "'9999-12-31'"],
  datetime: ["'1753-01-01T00:00:00'", "'9999-12-31T23:59:59.997'"],
  smalldatetime: ["'1900-01-01T00:00:00'", "'2079-06-06T23:59:00'"],
  "datetime2(7)": ["'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.9999999'"],
  "datetime2(0)": ["'2026-01-02 03:04:05'", "'1999-12-31 23:59:59'"],
  "datetimeoffset(7)": ["'2026-01-02 03:04:05.1234567 +14:00'", "'0001-01-02 00:00:00 -05:30'"],
  "time(7)": ["'00:00:00'", "'23:59:59.9999999'"],
  "time(0)": ["'12:34:56'", "'00:00:01'"],
  text: ["'old text'", "''"],
  ntext: ["N'old 日本'", "N'a'"],
  image: ["0x0102", "0x5C"],
  xml: ["N'<a b=\"1\">x<c/></a>'", "N'<t>æ</t>'"],
};
const TYPES = Object.keys(VALUES);

let lab: SnapshotLab;

beforeAll(async () => {
  lab = await openSnapshotLab();
});

afterAll(() => lab.close());

test("rows of every type are equal after their snapshot, and each column's change is found", async () => {
  const names = TYPES.map((_type, index) => `c${String(index)}`);
  const definitions = names.map((name, index) => `${name} ${TYPES[index] ?? ""} NULL`);
  await lab.source.run(`CREATE TABLE dbo.Types (Id int NOT NULL PRIMARY KEY, ${definitions.join(", ")})`);
  await lab.source.capture("Types");
  for (const turn of [0, 1]) {
    const values = TYPES.map((type) => VALUES[type]?.[turn] ?? "NULL");
    await lab.source.run(`INSERT dbo.Types VALUES (${[String(turn), ...values].join(", ")})`);
  }
  await lab.source.run("INSERT dbo.Types (Id) VALUES (2)");
  const columns = names.map((name, index) => column(name, mapType(TYPES[index] ?? "").type));
  const table = sinkTable("hub", "Types", {
    columns: [column("Id", "integer", { nullable: false }), ...columns],
    key: ["Id"],
  });
  await lab.deploy(table);
  const shape = lab.shape(table);
  await lab.source.captured();
  await snapshotTable(await lab.context(shape), { joinedAt: await lab.maxLsn(), phase: "rows", rows: 0, deleted: 0 });
  expect(await lab.progress(shape)).toMatchObject({ phase: "done", rows: 3 });
  expect((await lab.progress(shape))?.refused).toBeUndefined();

  const compare = async () => {
    const tables = [{ schema: "dbo", table: "Types", snapshot: "initial", ownInstances: [] }] as const;
    const { tables: found } = await verify({
      pipeline: "lab",
      topology: { sources: [{ connection: "c", database: lab.source.config.database, tenants: [], tables }] },
      sourceConfig: () => lab.source.config,
      serverName: () => "test",
      sink: lab.sink.config,
      graceMs: 0,
      settleMs: 0,
    });
    return found[0];
  };
  expect(await compare()).toMatchObject({ rows: 3, equal: true, differences: [] });

  const set = names.map((name) => `"${name}" = (SELECT o."${name}" FROM hub."Types" AS o WHERE o."Id" = 1)`);
  await lab.sink.query(`UPDATE hub."Types" SET ${set.join(", ")} WHERE "Id" = 0`);
  expect((await compare())?.differences).toEqual([
    { kind: "different", key: { Id: "0" }, columns: expect.arrayContaining(names) as string[] },
  ]);
});
