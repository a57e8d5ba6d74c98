import { column, sinkTable } from "../harness/sink-model";
import type { SinkTable } from "../../model/sink";

/** Customers, each with a database of its own at the source and a schema in the sink. */
export const TENANTS = ["t1", "t2", "t3"] as const;
export const TABLES = ["items", "pairs", "left_page", "right_page"] as const;
export type Tenant = (typeof TENANTS)[number];
export type TableName = (typeof TABLES)[number];

/** What makes the tables at the source. Both pages hold the number of the last transaction: it writes them together. */
export const SOURCE_TABLES = `CREATE TABLE dbo.items (id int NOT NULL PRIMARY KEY, name nvarchar(50) NULL, amount decimal(19,4) NULL,
  qty bigint NULL, note nvarchar(max) NULL, raw varbinary(20) NULL, at datetime2(3) NULL, spare int NULL);
CREATE TABLE dbo.pairs (x int NOT NULL, y int NOT NULL, v nvarchar(max) NULL, tag varchar(20) NULL, CONSTRAINT pairs_key PRIMARY KEY (x, y));
CREATE TABLE dbo.left_page (id int NOT NULL PRIMARY KEY, n int NOT NULL);
CREATE TABLE dbo.right_page (id int NOT NULL PRIMARY KEY, n int NOT NULL);
INSERT dbo.left_page VALUES (1, 0); INSERT dbo.right_page VALUES (1, 0)`;

/** The key of a row, as expressions over a record of that name. */
export const KEY_TEXT: Readonly<Record<TableName, (record: string) => string>> = {
  items: (record) => `${record}.id::text`,
  pairs: (record) => `${record}.x || ',' || ${record}.y`,
  left_page: (record) => `${record}.id::text`,
  right_page: (record) => `${record}.id::text`,
};

/** Exact text of every column: at the source, where the spare column may have another name, and in the sink. */
export const ROW_TEXT: Readonly<Record<TableName, { source: (spare: string | undefined) => string; sink: string }>> = {
  items: {
    source: (spare) =>
      `CONVERT(varchar(12), id) AS a, name AS b, CONVERT(varchar(40), amount) AS c, CONVERT(varchar(20), qty) AS d, note AS e, CONVERT(varchar(100), raw, 2) AS f, CONVERT(varchar(30), at, 121) AS g, ${spare === undefined ? "NULL" : `CONVERT(varchar(12), ${spare})`} AS h`,
    sink: "id::text AS a, name AS b, amount::text AS c, qty::text AS d, note AS e, upper(encode(raw, 'hex')) AS f, to_char(at, 'YYYY-MM-DD HH24:MI:SS.MS') AS g, spare::text AS h",
  },
  pairs: {
    source: () => "CONVERT(varchar(12), x) AS a, CONVERT(varchar(12), y) AS b, v AS c, tag AS d",
    sink: "x::text AS a, y::text AS b, v AS c, tag AS d",
  },
  left_page: {
    source: () => "CONVERT(varchar(12), id) AS a, CONVERT(varchar(12), n) AS b",
    sink: "id::text AS a, n::text AS b",
  },
  right_page: {
    source: () => "CONVERT(varchar(12), id) AS a, CONVERT(varchar(12), n) AS b",
    sink: "id::text AS a, n::text AS b",
  },
};

const ID = column("id", "integer", { nullable: false });
const COLUMNS: Readonly<Record<TableName, SinkTable["columns"]>> = {
  // `qty` is narrower than at the source, so that a number can be too large for it.
  items: [
    ID,
    column("name", "varchar(50)"),
    column("amount", "numeric(19,4)"),
    column("qty", "integer"),
    column("note", "text"),
    column("raw", "bytea"),
    column("at", "timestamp(3)"),
    column("spare", "integer"),
  ],
  pairs: [
    column("x", "integer", { nullable: false }),
    column("y", "integer", { nullable: false }),
    column("v", "text"),
    column("tag", "varchar(20)"),
  ],
  left_page: [ID, column("n", "integer", { nullable: false })],
  right_page: [ID, column("n", "integer", { nullable: false })],
};

/** The sink's tables of every customer. */
export const SINK_TABLES: readonly SinkTable[] = TENANTS.flatMap((tenant) =>
  TABLES.map((name) =>
    sinkTable(tenant, name, { tenant, columns: COLUMNS[name], key: name === "pairs" ? ["x", "y"] : ["id"] }),
  ),
);
