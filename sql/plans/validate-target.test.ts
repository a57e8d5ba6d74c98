import { METADATA_COLUMNS } from "../../model/metadata-columns";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { columnSql } from "./alter-column";
import type { SinkTableProps } from "./props";
import { holdsEvery } from "./target-exists";
import { validationStatement } from "./validate-target";

const TYPES = [
  ...[
    "smallint",
    "integer",
    "bigint",
    "real",
    "double precision",
    "boolean",
    "date",
    "uuid",
    "bytea",
    "xml",
    "jsonb",
    "text",
  ],
  ...[
    "varchar",
    "varchar(11)",
    "varchar(36)",
    "varchar(50)",
    "char(3)",
    "char(40)",
    "numeric",
    "numeric(10,0)",
    "numeric(10,2)",
  ],
  ...[
    "numeric(19,4)",
    "numeric(38,10)",
    "timestamp(6)",
    "timestamp(0)",
    "timestamptz(6)",
    "timestamptz(3)",
    "time(6)",
    "time(2)",
  ],
];

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("the validation of somebody else's table", () => {
  test("accepts exactly the types that hold every value, of all pairs", async () => {
    const columns = TYPES.map((type, index) => `"c${String(index)}" ${type}`);
    const metadata = METADATA_COLUMNS.map((column) => `"${column.name}" ${columnSql(column)}`);
    await database.query(`CREATE TABLE wide ("Id" integer PRIMARY KEY, ${[...columns, ...metadata].join(", ")})`);
    for (const wanted of TYPES) {
      const own = Object.fromEntries(TYPES.map((_type, index) => [`c${String(index)}`, wanted]));
      const message = await faultsOf(props("wide", { Id: "integer not null", ...own }));
      const refused = [...message.matchAll(/column c(\d+) is/g)].map((found) => TYPES[Number(found[1])]);
      expect([wanted, refused.sort()]).toEqual([wanted, TYPES.filter((found) => !holdsEvery(wanted, found)).sort()]);
    }
  });

  test("names everything that is missing at once, and leaves the table alone", async () => {
    await database.query(`CREATE TABLE bare (a text PRIMARY KEY)`);
    const message = await faultsOf(props("bare", { Id: "integer not null", "O'Brien": "text" }));
    expect(message).toContain(
      "table public.bare does not fit: the primary key is not (Id); there is no column Id integer; there is no column O'Brien text;",
    );
    expect(message).toContain("there is no column __cdc_position bytea");
    expect(
      (await database.query("SELECT FROM pg_attribute WHERE attrelid = 'bare'::regclass AND attnum > 0")).rowCount,
    ).toBe(1);
  });
});

function props(table: string, columns: Readonly<Record<string, string>>): SinkTableProps {
  const place = { schemaVersion: 1, connection: "c", database: "d", schema: "public", table };
  return { ...place, columns, key: ["Id"], onDelete: "hard", targetExists: true, allowDrop: false };
}

/** What the statement says; empty when it finds nothing wrong. */
async function faultsOf(wanted: SinkTableProps): Promise<string> {
  try {
    await database.query(validationStatement(wanted));
    return "";
  } catch (error) {
    expect(error).toMatchObject({ code: "CDC08" });
    return (error as Error).message;
  }
}
