import { createTestDatabase, type TestDatabase } from "../test/harness/database";
import { classifyTypeChange } from "./type-change";

/** Canonical types with values that tell a cut from a kept one; every pair of them is tried on PostgreSQL. */
const VALUES: Record<string, string[]> = {
  "varchar(5)": ["'abcde'", "'12'"],
  "varchar(50)": ["'a text of thirty characters....'", "'7'"],
  varchar: ["'a text of thirty characters....'"],
  text: ["'a text of thirty characters....'"],
  "char(3)": ["'ab'"],
  "char(10)": ["'abcdefgh'"],
  smallint: ["32767", "-32768", "1"],
  integer: ["2147483647", "-2147483648", "16777217", "1"],
  bigint: ["9223372036854775807", "9007199254740993", "1"],
  "numeric(8,2)": ["123456.78", "0.01"],
  "numeric(10,2)": ["12345678.91"],
  "numeric(10,4)": ["123456.7891"],
  "numeric(19,4)": ["123456789012345.6789"],
  numeric: ["123456789012345678901234567890.123456789"],
  real: ["0.1", "16777216"],
  "double precision": ["0.1", "9007199254740992"],
  boolean: ["true", "false"],
  date: ["'2024-02-29'"],
  "timestamp(0)": ["'2024-02-29 12:34:56'"],
  "timestamp(3)": ["'2024-02-29 12:34:56.789'"],
  "timestamp(6)": ["'2024-02-29 12:34:56.789123'"],
  "timestamptz(3)": ["'2024-02-29 12:34:56.789+00'"],
  "timestamptz(6)": ["'2024-02-29 12:34:56.789123+00'"],
  "time(0)": ["'12:34:56'"],
  "time(6)": ["'12:34:56.789123'"],
  uuid: ["'6f9619ff-8b86-d011-b42d-00c04fc964ff'"],
  bytea: ["'\\x00ff'"],
  xml: ["'<a>b</a>'"],
  jsonb: ["'{\"a\": 1}'"],
};

const PAIRS = Object.keys(VALUES).flatMap((from) => Object.keys(VALUES).map((to) => [from, to] as const));

describe("type changes against PostgreSQL itself", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.query("SET TimeZone = 'Europe/Oslo'");
  });

  afterAll(() => database.drop());

  test("in place means no new file for the table, rewrite means that every value is kept", async () => {
    const wrong: string[] = [];
    for (const [from, to] of PAIRS) {
      const change = classifyTypeChange(from, to);
      if (!["in-place", "rewrite"].includes(change.kind)) continue;
      const seen = await alter(from, to, using(change));
      if (seen !== change.kind) wrong.push(`${from} -> ${to}: said ${change.kind}, saw ${seen}`);
    }
    expect(wrong).toEqual([]);
  });

  test("nothing that PostgreSQL does in place is called a rewrite or a narrowing", async () => {
    const wrong: string[] = [];
    for (const [from, to] of PAIRS) {
      const { kind } = classifyTypeChange(from, to);
      if (from === to || kind === "in-place") continue;
      if ((await alter(from, to, "")) === "in-place") wrong.push(`${from} -> ${to}: said ${kind}`);
    }
    expect(wrong).toEqual([]);
  });

  function using(change: ReturnType<typeof classifyTypeChange>): string {
    if (change.using === undefined && change.timeZone === undefined) return "";
    const cast = ["c", ...(change.using ?? [])].join("::");
    return ` USING ${cast}${change.timeZone === undefined ? "" : ` AT TIME ZONE '${change.timeZone}'`}`;
  }

  /** Does it, and says what was seen: the error, `in-place`, `rewrite`, or which value was changed. */
  async function alter(from: string, to: string, usingClause: string): Promise<string> {
    const values = (VALUES[from] ?? []).map((value) => `((${value})::${from})`).join(", ");
    const back = from === "boolean" && /int/.test(to) ? "integer::boolean" : from;
    try {
      await database.query(`BEGIN; CREATE TEMP TABLE t ON COMMIT DROP AS SELECT c::${from} AS c FROM (VALUES ${values}) v(c);
        CREATE TEMP TABLE o ON COMMIT DROP AS SELECT ctid AS id, c::text AS c, pg_relation_filenode('t') AS node FROM t`);
      await database.query(`ALTER TABLE t ALTER c TYPE ${to}${usingClause}`);
      const zone = /^timestamptz/.test(from) !== /^timestamptz/.test(to) && usingClause !== "";
      const old = zone ? "t.c::text" : `t.c::${back}::text`;
      const compared = zone ? "true" : `(${old}) IS NOT DISTINCT FROM o.c`;
      const result = await database.query<{ same: boolean; kept: boolean }>(
        `SELECT bool_and(pg_relation_filenode('t') = o.node) AS same, bool_and(${compared}) AS kept FROM t JOIN o ON t.ctid = o.id`,
      );
      const row = result.rows[0];
      if (row?.kept !== true) return "a value changed";
      return row.same ? "in-place" : "rewrite";
    } catch (error) {
      return (error as Error).message;
    } finally {
      await database.query("ROLLBACK");
    }
  }
});
