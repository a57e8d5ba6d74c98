import { Request, TYPES } from "tedious";
import { canonical, testServer, type Client, type TestServer } from "../../test/harness/sql-server";

let server: TestServer;
let client: Client;

beforeAll(async () => {
  server = await testServer();
  client = await server.connect("tempdb");
});

afterAll(async () => {
  await client.close();
  await server.stop();
});

/** Type, a literal, and the exact text that CONVERT gives back; the style where the default loses digits. */
const EXTREMES: readonly (readonly [type: string, literal: string, text: string, style?: number])[] = [
  ["bit", "1", "1"],
  ["tinyint", "255", "255"],
  ["smallint", "-32768", "-32768"],
  ["int", "-2147483648", "-2147483648"],
  ["int", "2147483647", "2147483647"],
  ["bigint", "-9223372036854775808", "-9223372036854775808"],
  ["bigint", "9223372036854775807", "9223372036854775807"],
  ["decimal(38,0)", "99999999999999999999999999999999999999", "99999999999999999999999999999999999999"],
  ["decimal(38,38)", "-0.99999999999999999999999999999999999999", "-0.99999999999999999999999999999999999999"],
  ["numeric(9,4)", "12345.6789", "12345.6789"],
  ["money", "922337203685477.5807", "922337203685477.5807", 2],
  ["money", "-922337203685477.5808", "-922337203685477.5808", 2],
  ["smallmoney", "214748.3647", "214748.3647", 2],
  ["float", "1.7976931348623157e308", "1.7976931348623157e+308", 3],
  ["real", "3.4028235e38", "3.40282347e+038", 3],
  ["date", "'0001-01-01'", "0001-01-01"],
  ["date", "'9999-12-31'", "9999-12-31"],
  ["time(7)", "'23:59:59.9999999'", "23:59:59.9999999"],
  ["time(0)", "'23:59:58.4'", "23:59:58"],
  ["datetime", "'1753-01-01T00:00:00'", "1753-01-01T00:00:00.000", 126],
  ["datetime", "'9999-12-31T23:59:59.997'", "9999-12-31 23:59:59.997", 121],
  ["smalldatetime", "'2079-06-06T23:59:00'", "2079-06-06 23:59:00", 120],
  ["datetime2(7)", "'0001-01-01T00:00:00'", "0001-01-01 00:00:00.0000000", 121],
  ["datetime2(7)", "'9999-12-31T23:59:59.9999999'", "9999-12-31 23:59:59.9999999", 121],
  ["datetime2(3)", "'2026-01-02T03:04:05.6789'", "2026-01-02 03:04:05.679", 121],
  ["datetimeoffset(7)", "'2026-01-02T03:04:05.1234567+14:00'", "2026-01-02 03:04:05.1234567 +14:00", 121],
  ["datetimeoffset(0)", "'0001-01-02T00:00:00-14:00'", "0001-01-02 00:00:00 -14:00", 121],
  ["char(5)", "'ab'", "ab   "],
  ["varchar(10)", "'€ä'", "€ä"],
  ["nchar(4)", "N'日'", "日   "],
  ["nvarchar(10)", "N'𝄞日本'", "𝄞日本"],
  ["varchar(max)", "REPLICATE(CAST('x' AS varchar(max)), 100000)", "x".repeat(100_000)],
  ["nvarchar(max)", "REPLICATE(CAST(N'日' AS nvarchar(max)), 70000)", "日".repeat(70_000)],
  ["text", "'old'", "old"],
  ["ntext", "N'日'", "日"],
  ["xml", "N'<a b=\"1\"/>'", '<a b="1"/>'],
  ["binary(4)", "0x01", "0x01000000", 1],
  ["varbinary(8)", "0x00FF", "0x00FF", 1],
  ["uniqueidentifier", "'00112233-4455-6677-8899-AABBCCDDEEFF'", "00112233-4455-6677-8899-AABBCCDDEEFF"],
  ["sql_variant", "CAST(12.50 AS decimal(5,2))", "12.50"],
];

describe("types", () => {
  test.each(EXTREMES.map((row) => ({ row })))("keeps $row.0 $row.1 to the last digit", async ({ row }) => {
    const [type, literal, text, style] = row;
    const column = type === "text" || type === "ntext" ? `CAST(v AS nvarchar(max))` : "v";
    const { text: answer } = await client.batch(
      `CREATE TABLE #one (v ${type}); INSERT #one VALUES (${literal}), (NULL); SELECT CONVERT(nvarchar(max), ${column}${style === undefined ? "" : `, ${style}`}) FROM #one; DROP TABLE #one`,
    );
    expect(answer).toBe(`(${text} / NULL)`);
  });

  test.each([
    ["bit", "1", "BitN", "1"],
    ["bigint", "-9223372036854775808", "IntN", "-9223372036854775808"],
    ["float", "0.1", "FloatN", "0.1"],
    ["date", "'9999-12-31'", "Date", "9999-12-31T00:00:00.000Z"],
    ["datetime", "'2026-01-02T03:04:05.677'", "DateTimeN", "2026-01-02T03:04:05.677Z"],
    ["smalldatetime", "'2026-01-02T03:04:00'", "DateTimeN", "2026-01-02T03:04:00.000Z"],
    ["datetime2(7)", "'2026-01-02T03:04:05.678'", "DateTime2", "2026-01-02T03:04:05.678Z"],
    ["datetimeoffset(7)", "'2026-01-02T03:04:05.678+01:00'", "DateTimeOffset", "2026-01-02T02:04:05.678Z"],
    ["decimal(10,2)", "1234.56", "DecimalN", "1234.56"],
    ["money", "1234.5678", "MoneyN", "1234.5678"],
    ["varchar(20)", "'€ä'", "VarChar", "€ä"],
    ["nvarchar(max)", "N'日本'", "NVarChar", "日本"],
    ["varbinary(max)", "0x0102", "VarBinary", "0x0102"],
    ["image", "0x0102", "Image", "0x0102"],
    ["text", "'old'", "Text", "old"],
    ["ntext", "N'日'", "NText", "日"],
    ["xml", "N'<a/>'", "Xml", "<a/>"],
    ["hierarchyid", "0x58", "UDT", "0x58"],
    [
      "uniqueidentifier",
      "'00112233-4455-6677-8899-AABBCCDDEEFF'",
      "UniqueIdentifier",
      "00112233-4455-6677-8899-AABBCCDDEEFF",
    ],
    ["sql_variant", "CAST(N'q' AS nvarchar(5))", "Variant", "q"],
    ["sql_variant", "CAST('2026-01-02' AS date)", "Variant", "2026-01-02T00:00:00.000Z"],
  ])("%s reaches the driver as its own type", async (type, literal, name, value) => {
    const { results } = await client.batch(
      `CREATE TABLE #one (v ${type}); INSERT #one VALUES (CAST(${literal} AS ${type})), (NULL); SELECT v FROM #one; DROP TABLE #one`,
    );
    expect(results[0]?.columns[0]).toMatchObject({ name: "v", type: name, nullable: true });
    expect(results[0]?.rows.map(([cell]) => canonical(cell))).toEqual([value, "NULL"]);
  });

  test("columns that can't be NULL travel as fixed types", async () => {
    const { results } = await client.batch(
      "CREATE TABLE #one (a int NOT NULL, b bigint NOT NULL, c bit NOT NULL, d datetime NOT NULL, e float NOT NULL, f money NOT NULL); INSERT #one VALUES (1, 2, 1, '2026-01-02', 1.5, 2); SELECT * FROM #one; DROP TABLE #one",
    );
    expect(results[0]?.columns.map(({ type }) => type)).toEqual(["Int", "BigInt", "Bit", "DateTime", "Float", "Money"]);
    expect(results[0]?.rows[0]?.map(canonical)).toEqual(["1", "2", "1", "2026-01-02T00:00:00.000Z", "1.5", "2"]);
  });

  test("rows with many NULLs come in their short form", async () => {
    const columns = Array.from({ length: 20 }, (_, i) => `c${i} int`).join(", ");
    const { results } = await client.batch(
      `CREATE TABLE #wide (${columns}); INSERT #wide (c0, c9, c19) VALUES (1, 2, 3); SELECT * FROM #wide; DROP TABLE #wide`,
    );
    const row = results[0]?.rows[0] ?? [];
    expect([row[0], row[9], row[19], row.filter((cell) => cell === null).length]).toEqual([1, 2, 3, 17]);
  });

  test.each([
    ["Int", TYPES.Int, -5, "-5"],
    ["BigInt", TYPES.BigInt, "9007199254740993", "9007199254740993"],
    ["Bit", TYPES.Bit, true, "1"],
    ["Float", TYPES.Float, 0.1, "0.1"],
    ["NVarChar", TYPES.NVarChar, "日本", "日本"],
    ["long NVarChar", TYPES.NVarChar, "x".repeat(9000), "x".repeat(9000)],
    ["VarChar", TYPES.VarChar, "ä", "ä"],
    ["VarBinary", TYPES.VarBinary, Buffer.from([1, 255]), "0x01FF"],
    ["DateTime2", TYPES.DateTime2, new Date("2026-01-02T03:04:05.678Z"), "2026-01-02T03:04:05.678Z"],
    ["DateTimeOffset", TYPES.DateTimeOffset, new Date("2026-01-02T03:04:05.678Z"), "2026-01-02T03:04:05.678Z"],
    [
      "UniqueIdentifier",
      TYPES.UniqueIdentifier,
      "00112233-4455-6677-8899-AABBCCDDEEFF",
      "00112233-4455-6677-8899-AABBCCDDEEFF",
    ],
    ["NULL", TYPES.Int, null, "NULL"],
  ])("a parameter of type %s comes back", async (_, type, value, text) => {
    const answer = await client.run((done) => {
      const request = new Request("SELECT @p AS p", done);
      request.addParameter("p", type, value);
      return request;
    }, "execSql");
    expect(answer.text).toBe(`(${text})`);
  });
});
