import fc from "fast-check";
import { poolFor } from "../../databases/sqlserver/pool";
import { openCapturedDatabase, type CapturedDatabase } from "../../test/harness/captured-database";
import { readChunk, readMaxLsn, readSelect, type KeyText, type Pages } from "./page-reader";
import { readSourceKey } from "./source-key";

/** Types of key columns, and values of each as constants of T-SQL. */
const KEYS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  int: fc.integer({ min: -50, max: 50 }).map(String),
  bigint: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  smallint: fc.integer({ min: -32_768, max: 32_767 }).map(String),
  tinyint: fc.integer({ min: 0, max: 255 }).map(String),
  bit: fc.constantFrom("0", "1"),
  "decimal(38,10)": fc
    .bigInt({ min: -(10n ** 37n), max: 10n ** 37n })
    .map((units) => `CAST('${String(units)}' AS decimal(38,0)) * 0.0000000001`),
  money: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((units) => {
    const digits = (units < 0n ? -units : units).toString().padStart(5, "0");
    return `CAST('${units < 0n ? "-" : ""}${digits.slice(0, -4)}.${digits.slice(-4)}' AS money)`;
  }),
  float: fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value) => (Math.abs(value) < 1e-300 ? "0" : value.toExponential())),
  real: fc
    .float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e30), max: Math.fround(1e30) })
    .map((value) => (Math.abs(value) < 1e-30 ? "0" : value.toExponential())),
  "nvarchar(30)": fc.stringMatching(/^[a-cA-C \-'æÆß日😀]{0,5}$/u).map(text),
  "nchar(6)": fc.stringMatching(/^[a-cA-C æ]{0,3}$/u).map(text),
  "varchar(30)": fc.stringMatching(/^[a-cA-Cæ _-]{0,5}$/u).map(text),
  "char(5)": fc.stringMatching(/^[a-d ]{0,3}$/).map(text),
  "varchar(20) COLLATE Latin1_General_BIN2": fc.stringMatching(/^[a-cA-C ]{0,4}$/).map(text),
  uniqueidentifier: fc.uuid().map((value) => `'${value}'`),
  "binary(4)": fc.uint8Array({ minLength: 4, maxLength: 4 }).map(hex),
  "varbinary(6)": fc.uint8Array({ minLength: 0, maxLength: 6 }).map(hex),
  date: moment(10),
  datetime: fc.integer({ min: 0, max: 2_000 }).map((ticks) => `DATEADD(ms, ${String(ticks)}, '2026-02-03T04:05:06')`),
  smalldatetime: fc
    .integer({ min: 0, max: 90_000 })
    .map((minutes) => `DATEADD(minute, ${String(minutes)}, '2026-02-03T04:05:00')`),
  "datetime2(7)": moment(27),
  "datetime2(3)": moment(23),
  "time(7)": moment(27).map((constant) => `'${constant.slice(12)}`),
  "datetimeoffset(7)": fc
    .tuple(moment(27), fc.constantFrom("+00:00", "+14:00", "-05:30"))
    .map(([constant, zone]) => `${constant.slice(0, -1)} ${zone}'`),
};

function text(value: string): string {
  return `N'${value.replaceAll("'", "''")}'`;
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

function moment(length: number): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.date({ min: new Date("1900-01-01"), max: new Date("2100-01-01"), noInvalidDate: true }),
      fc.integer({ min: 0, max: 9999 }),
    )
    .map(([date, more]) => {
      const iso = `${date.toISOString().replace("T", " ").replace("Z", "")}${String(more).padStart(4, "0")}`;
      return `'${iso.slice(0, length)}'`;
    });
}

describe("a table read in pages", () => {
  let lab: CapturedDatabase;
  let number = 0;

  beforeAll(async () => {
    lab = await openCapturedDatabase();
  });

  afterAll(() => lab.close());

  /** Makes a table of these key values; those that the key refuses as equal are left out. */
  async function tableOf(types: readonly string[], rows: readonly (readonly string[])[], nullable = false) {
    const table = `t${String((number += 1))}`;
    const names = types.map((_type, index) => `k${String(index)}`);
    const columns = types.map((type, index) => `${names[index] ?? ""} ${type} ${nullable ? "NULL" : "NOT NULL"}`);
    const key = nullable ? `UNIQUE (${names.join(", ")})` : `PRIMARY KEY (${names.join(", ")})`;
    await lab.run(`CREATE TABLE dbo.${table} (n int NOT NULL, ${columns.join(", ")}, ${key})`);
    for (const [n, row] of rows.entries())
      await lab.run(
        `BEGIN TRY INSERT dbo.${table} VALUES (${[String(n), ...row].join(", ")}) END TRY BEGIN CATCH END CATCH`,
      );
    if (rows.length > 0) expect(await lab.run(`SELECT TOP (1) 1 FROM dbo.${table}`)).toHaveLength(1);
    return table;
  }

  async function readAll(table: string, size: () => number): Promise<string[]> {
    const name = { schema: "dbo", table };
    const key = await readSourceKey(lab.config, name);
    const keyNames = key.columns.map((column) => column.name);
    const pages: Pages = { ...name, key, columns: ["n", ...keyNames] };
    const seen: string[] = [];
    const pool = poolFor(lab.config);
    const session = await pool.acquire();
    try {
      for (let after: KeyText | undefined, isEnd = false; !isEnd;) {
        const chunk = await readChunk(pages, after, size(), async (select) => {
          let last: KeyText | undefined;
          let rows = 0;
          for await (const batch of readSelect(session, select, { object: table })) {
            seen.push(...batch.map(([n]) => n ?? ""));
            rows += batch.length;
            last = batch.at(-1)?.slice(1) ?? last;
          }
          return last === undefined ? { rows } : { rows, last };
        });
        ({ isEnd, last: after } = { last: undefined, ...chunk });
      }
    } finally {
      pool.release(session);
    }
    return seen;
  }

  async function expectEachOnce(table: string, sizes: readonly number[]): Promise<void> {
    let turn = 0;
    const seen = await readAll(table, () => sizes[(turn += 1) % sizes.length] ?? 1);
    const all = await lab.run(`SELECT n FROM dbo.${table}`);
    expect([...seen].sort()).toEqual(all.map(([n]) => String(n)).sort());
  }

  const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 3 });

  test.each(Object.keys(KEYS))("by a key of %s has each row exactly once", async (type) => {
    const rows = fc.array(fc.tuple(KEYS[type] ?? fc.constant("0")), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(rows, sizes, async (values, chunks) => {
        await expectEachOnce(await tableOf([type], values), chunks);
      }),
      { numRuns: 4 },
    );
  });

  test("by any history of keys of several columns has each row exactly once", async () => {
    const type = fc.constantFrom(...Object.keys(KEYS));
    const table = fc.array(type, { minLength: 2, maxLength: 3 }).chain((types) =>
      fc.tuple(
        fc.constant(types),
        // Few different values of each column, so that leading columns are often equal.
        fc
          .tuple(...types.map((name) => fc.array(KEYS[name] ?? fc.constant("0"), { minLength: 3, maxLength: 3 })))
          .chain((pools) => fc.array(fc.tuple(...pools.map((pool) => fc.constantFrom(...pool))), { maxLength: 25 })),
        fc.boolean(),
      ),
    );
    await fc.assert(
      fc.asyncProperty(table, sizes, async ([types, rows, nullable], chunks) => {
        const withNulls = nullable ? rows.map((row, n) => row.map((v, i) => ((n + i) % 4 === 0 ? "NULL" : v))) : rows;
        await expectEachOnce(await tableOf(types, withNulls, nullable), chunks);
      }),
      { numRuns: process.env["CDC_SOAK"] === "1" ? 300 : 12 },
    );
  });

  test("prefers the primary key, and takes a unique index without one", async () => {
    await lab.run(`CREATE TABLE dbo.both_keys (a int NOT NULL, b nvarchar(10) NOT NULL UNIQUE, c int PRIMARY KEY);
      CREATE TABLE dbo.one_index (a int, b varchar(10)); CREATE UNIQUE INDEX ix_b ON dbo.one_index (b, a)`);
    const keyOf = async (table: string) => (await readSourceKey(lab.config, { schema: "dbo", table })).columns;
    expect((await keyOf("both_keys")).map(({ name }) => name)).toEqual(["c"]);
    expect((await keyOf("one_index")).map(({ name, type, nullable }) => [name, type, nullable])).toEqual([
      ["b", "varchar(10)", true],
      ["a", "int", true],
    ]);
  });

  test("is refused, with the choices, where there is no key", async () => {
    await lab.run("CREATE TABLE dbo.no_key (a int)");
    await expect(readSourceKey(lab.config, { schema: "dbo", table: "no_key" })).rejects.toMatchObject({
      code: "CDC_SNAPSHOT_NO_KEY",
      message: "table dbo.no_key: it has no primary key and no unique index: it cannot be read in pieces",
      hint: expect.stringContaining("`snapshot: never`") as string,
    });
  });

  test("knows the highest captured LSN in its own session", async () => {
    await lab.run("INSERT dbo.marks DEFAULT VALUES");
    await lab.captured();
    const session = await poolFor(lab.config).acquire();
    expect(await readMaxLsn(session, { object: "capture" })).toMatch(/^(?!0{20})[0-9a-f]{20}$/);
    poolFor(lab.config).release(session);
  });
});
