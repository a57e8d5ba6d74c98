import type { CatalogTable } from "../../../model/catalog-table";
import { SourceLab } from "../../../test/harness/source-lab";
import { catalogTables } from "./catalog-tables";
import { columnType } from "./column-type";
import { readCatalog } from "./read-catalog";

/** Every type as it is declared, and as the catalog must be spelled. */
const TYPES: readonly (readonly [declared: string, spelled?: string])[] = [
  ...["bigint", "int", "smallint", "tinyint", "bit", "money", "smallmoney", "real", "float", "date", "datetime"].map(
    (type) => [type] as const,
  ),
  ...["smalldatetime", "text", "ntext", "image", "uniqueidentifier", "sql_variant", "xml", "hierarchyid"].map(
    (type) => [type] as const,
  ),
  ...["geography", "geometry", "char(3)", "varchar(8000)", "varchar(max)", "nchar(4000)", "nvarchar(50)"].map(
    (type) => [type] as const,
  ),
  ...["nvarchar(max)", "binary(16)", "varbinary(8000)", "varbinary(max)", "decimal(38,10)", "numeric(5,0)"].map(
    (type) => [type] as const,
  ),
  ...["time(0)", "time(7)", "datetime2(3)", "datetime2(7)", "datetimeoffset(0)", "datetimeoffset(7)"].map(
    (type) => [type] as const,
  ),
  ["decimal", "decimal(18,0)"],
  ["datetime2", "datetime2(7)"],
  ["float(24)", "real"],
  ["float(53)", "float"],
  ["varchar", "varchar(1)"],
  ["timestamp", "rowversion"],
];

let lab: SourceLab;

beforeAll(async () => {
  lab = await SourceLab.open();
});

afterAll(() => lab.close());

async function tablesOf(...batches: string[]): Promise<readonly CatalogTable[]> {
  return (await readCatalog(lab.config(await lab.database(...batches)))).tables;
}

describe("the catalog of a database", () => {
  test("spells every type with its length, precision and scale", async () => {
    const columns = TYPES.map(([declared], index) => `C${index} ${declared} NULL`);
    const [table] = await tablesOf(`CREATE TABLE dbo.T (${columns.join(", ")})`);
    expect(table?.columns.map(({ type }) => type)).toEqual(TYPES.map(([declared, spelled]) => spelled ?? declared));
    expect(table?.columns.every(({ aliasType }) => aliasType === undefined)).toBe(true);
  });

  test("tells nullability, identity, computed columns, defaults and other collations", async () => {
    const [table] = await tablesOf(
      `CREATE TABLE dbo.T (Id bigint IDENTITY(5,5) NOT NULL, A varchar(5) COLLATE Latin1_General_BIN2 NULL,
         B int NOT NULL CONSTRAINT DF_B DEFAULT ((7)), C AS (B * 2), D AS (B + 1) PERSISTED)`,
    );
    const [id, a, b, c, d] = table?.columns ?? [];
    expect(id).toEqual({ name: "Id", type: "bigint", nullable: false, identity: true, computed: false });
    expect(a).toMatchObject({ nullable: true, collation: "Latin1_General_BIN2" });
    expect(b).toMatchObject({ nullable: false, identity: false, default: expect.stringContaining("7") });
    expect(b).not.toHaveProperty("collation");
    expect(c).toMatchObject({ computed: true, definition: expect.stringContaining("2") });
    expect(d).toMatchObject({ computed: true, definition: expect.stringContaining("1") });
  });

  test("tells keys in key order, and unique indexes that hold for every row", async () => {
    const [table] = await tablesOf(
      `CREATE TABLE dbo.T (A int NOT NULL, B int NOT NULL, C int NULL, D int NULL,
         CONSTRAINT PK_T PRIMARY KEY (B, A), CONSTRAINT UQ_T UNIQUE (D, C))`,
      "CREATE UNIQUE INDEX UX_T ON dbo.T (C DESC) INCLUDE (D)",
      "CREATE INDEX IX_T ON dbo.T (D)",
    );
    expect(table?.primaryKey).toEqual(["B", "A"]);
    expect(table?.uniqueIndexes).toEqual([["C"], ["D", "C"]]);
  });

  test("tells the descriptions of tables and columns, with all their characters", async () => {
    const level = "@level0type=N'SCHEMA', @level0name=N'hr', @level1type=N'TABLE', @level1name=N'Staff'";
    const add = "EXEC sp_addextendedproperty @name=N'MS_Description',";
    const [table] = await tablesOf(
      "CREATE SCHEMA hr",
      "CREATE TABLE hr.Staff (Id int NOT NULL PRIMARY KEY, Name nvarchar(10) NULL)",
      `${add} @value=N'Who works here: #1, "two"', ${level}`,
      `${add} @value=N'Навн', ${level}, @level2type=N'COLUMN', @level2name=N'Name'`,
    );
    expect(table).toMatchObject({ schema: "hr", table: "Staff", description: 'Who works here: #1, "two"' });
    expect(table?.columns.map(({ description }) => description)).toEqual([undefined, "Навн"]);
  });

  test("takes four queries for 170 tables", async () => {
    const tables = Array.from({ length: 170 }, (_, table) => {
      const columns = Array.from({ length: 20 }, (_, column) => `C${column} nvarchar(${column + 1}) NULL`);
      return `CREATE TABLE dbo.T${table} (Id int NOT NULL PRIMARY KEY, ${columns.join(", ")})`;
    });
    const database = await lab.database(...tables);
    const asked: string[] = [];
    // A real server doesn't tell what it was asked.
    const { standIn } = lab.server;
    const spy = standIn && jest.spyOn(standIn.control, "beforeStatement");
    spy?.mockImplementation((_, text) => void (text.startsWith("SELECT") && asked.push(text)));
    const { tables: read } = await readCatalog(lab.config(database));
    spy?.mockRestore();
    expect(read).toHaveLength(170);
    expect(read.every(({ columns }) => columns.length === 21)).toBe(true);
    expect(asked).toHaveLength(standIn === undefined ? 0 : 4);
  });
});

describe("a catalog that can't be read", () => {
  test("is an error that says why: no server, no login, no database", async () => {
    const config = lab.config(await lab.database());
    await expect(readCatalog({ ...config, port: 1 })).rejects.toMatchObject({ code: "CDC_MSSQL_UNREACHABLE" });
    await expect(readCatalog({ ...config, password: "wrong" })).rejects.toMatchObject({ code: "CDC_MSSQL_PASSWORD" });
    await expect(readCatalog({ ...config, database: "nowhere" })).rejects.toMatchObject({
      code: "CDC_MSSQL_NO_DATABASE",
    });
  });

  test("is an error for a login without VIEW DEFINITION, which would see holes", async () => {
    const database = await lab.database("CREATE TABLE dbo.T (Id int)");
    lab.server.standIn?.control.hideDefinitions(database);
    const reading = readCatalog(lab.config(database));
    if (lab.server.standIn === undefined) expect((await reading).tables).toHaveLength(1);
    else await expect(reading).rejects.toMatchObject({ code: "CDC_MSSQL_NO_VIEW_DEFINITION" });
  });

  test("is noticed when a key names a column that was dropped meanwhile", () => {
    const column = { table_id: "1", schema_name: "dbo", table_name: "T", column_id: "1", column_name: "A" };
    const rows = { columns: [{ ...column, type_name: "int", base_type: "int" }], descriptions: [], collation: null };
    const key = { table_id: "1", index_name: "PK", is_primary_key: "1", column_id: "2" };
    expect(catalogTables({ ...rows, keys: [] })).toHaveLength(1);
    expect(catalogTables({ ...rows, keys: [key] })).toBeUndefined();
  });
});

describe("types that users made", () => {
  const row = { type_schema: "dbo", is_user_defined: "1", is_assembly_type: "0", precision: "0", scale: "0" };

  test("alias types are resolved and named", () => {
    const name = { ...row, type_name: "Name", base_type: "nvarchar", max_length: "100" };
    expect(columnType(name)).toEqual({ type: "nvarchar(50)", aliasType: "dbo.Name" });
    const sysname = { ...row, type_name: "sysname", base_type: "nvarchar", max_length: "256", is_user_defined: "0" };
    expect(columnType(sysname)).toEqual({ type: "nvarchar(128)", aliasType: "sysname" });
    const flag = { ...row, type_name: "Flag", base_type: "bit", max_length: "1" };
    expect(columnType(flag)).toEqual({ type: "bit", aliasType: "dbo.Flag" });
  });

  test("CLR types keep their name, those of SQL Server without a schema", () => {
    const point = { ...row, type_name: "Point", base_type: null, is_assembly_type: "1", max_length: "-1" };
    expect(columnType(point)).toEqual({ type: "dbo.Point" });
    expect(columnType({ ...point, type_name: "geometry", is_user_defined: "0" })).toEqual({ type: "geometry" });
  });
});
