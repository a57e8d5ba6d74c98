import type { TableLock } from "../../model/hazard";
import type { TableHints } from "../../model/table-hints";

/** A table as one version of a configuration has it; `Id bigint` is the key when nothing else is said. */
export interface TableVersion {
  /** Columns besides `Id`, each `<type>[ not null][ default <expression>]`. */
  readonly columns?: Readonly<Record<string, string>>;
  readonly key?: readonly string[];
  readonly hints?: TableHints;
  /** The application role that reads it. */
  readonly role?: boolean;
  readonly logged?: boolean;
  readonly allowDrop?: boolean;
  readonly targetExists?: boolean;
  readonly onDelete?: "hard" | "soft";
}

/** What is there besides the configuration's version: found by a look at the table. */
export interface FoundDrift {
  readonly sql: string;
  readonly unexpected?: readonly string[];
  readonly kept?: readonly string[];
  readonly index?: false;
  readonly lostMetadata?: string;
}

/** One change that cdc can make. */
export interface HazardCase {
  readonly title: string;
  /** Rules of other tools that warn of it. */
  readonly rules?: readonly string[];
  /** Whose plan it is; default the final table. */
  readonly object?: "table" | "staging" | "procedure" | "schema" | "management";
  readonly from?: TableVersion;
  readonly to?: TableVersion;
  /** The table holds no row. */
  readonly empty?: true;
  readonly drift?: FoundDrift;
  /** Only the hash of the old columns is known, so the plan tells of the worst. */
  readonly unknown?: true;
  /** PostgreSQL 15 takes a weaker lock, which like the stronger one keeps nobody waiting. */
  readonly on15?: TableLock;
  /** Values of the column V instead of a small one of its type, as SQL. */
  readonly value?: string;
}

const V = (spec: string): TableVersion => ({ columns: { V: spec } });

function added(title: string, spec: string, rules: readonly string[] = [], more: Partial<HazardCase> = {}): HazardCase {
  return { title: `add a column: ${title}`, from: {}, to: V(spec), rules, ...more };
}

function typed(from: string, to: string, more: Partial<HazardCase> = {}): HazardCase {
  const rules = ["squawk changing-column-type", "Atlas PG301", "pg-schema-diff ACQUIRES_ACCESS_EXCLUSIVE_LOCK"];
  return { title: `${from} becomes ${to}`, from: V(from), to: V(to), rules, ...more };
}

function staged(title: string, from: TableVersion, to: TableVersion, more: Partial<HazardCase> = {}): HazardCase {
  return { title: `staging follows: ${title}`, object: "staging", from, to, ...more };
}

const ADDED: readonly HazardCase[] = [
  added("nullable", "varchar(50)", ["squawk adding-field-with-default"]),
  added("large text", "text", ["squawk prefer-text-field"]),
  added("constant default", "integer default 0", ["squawk adding-field-with-default"]),
  added("NOT NULL with a constant default", "integer not null default 0", ["squawk adding-not-nullable-field"]),
  added("text default with a function's name in it", "text not null default 'random()'"),
  added("cast constant", "timestamp(6) default '2000-01-01'::timestamp"),
  added("stable default now()", "timestamptz(6) not null default now()", [
    "squawk adding-field-with-default",
    "Atlas PG302",
  ]),
  added("CURRENT_TIMESTAMP", "timestamptz(6) default CURRENT_TIMESTAMP"),
  added("an expression of constants", "text default upper('a') || 'b'"),
  added("current_setting()", "text default current_setting('application_name')"),
  added("volatile random()", "double precision default random()", ["squawk adding-field-with-default", "Atlas PG302"]),
  added("volatile gen_random_uuid()", "uuid not null default gen_random_uuid()", [
    "squawk adding-field-with-default",
    "Atlas PG302",
  ]),
  added("volatile clock_timestamp()", "timestamptz(6) default clock_timestamp()", [
    "squawk adding-field-with-default",
    "Atlas PG302",
  ]),
  added("volatile inside an expression", "text default 'x' || floor(random() * 10)::text", ["Atlas PG302"]),
  added("volatile, NOT NULL", "integer not null default (random() * 10)::integer", ["Atlas PG302"]),
  added(
    "NOT NULL without a default, table empty",
    "integer not null",
    ["squawk adding-required-field", "Atlas MF103"],
    { empty: true },
  ),
  {
    title: "add a column: NOT NULL filled by a statement",
    rules: ["squawk adding-required-field", "Atlas MF103"],
    from: {},
    to: { columns: { V: "integer not null" }, hints: { preSql: { V: 'UPDATE "{{SCHEMA}}"."T" SET "V" = 1' } } },
  },
  {
    title: "add several columns",
    from: {},
    to: { columns: { A: "text", B: "integer", C: "uuid default gen_random_uuid()" } },
  },
  added("template constant", "text", []),
  {
    title: "a column that was kept is wanted again",
    from: {},
    to: V("text"),
    drift: { sql: 'ALTER TABLE {{T}} ADD COLUMN "V" text', kept: ["V"] },
  },
];

const TYPES: readonly HazardCase[] = [
  typed("varchar(20)", "varchar(50)"),
  typed("varchar(50)", "varchar"),
  typed("varchar(50)", "text"),
  typed("text", "varchar"),
  typed("varchar(50)", "varchar(20)"),
  typed("text", "varchar(20)"),
  typed("char(10)", "varchar(10)"),
  typed("varchar(10)", "char(10)"),
  typed("char(3)", "char(10)"),
  typed("char(10)", "text"),
  typed("smallint", "integer"),
  typed("integer", "bigint"),
  typed("bigint", "integer"),
  typed("integer", "numeric(10,2)"),
  typed("integer", "numeric(12,2)"),
  typed("integer", "double precision"),
  typed("integer", "text"),
  typed("bigint", "varchar(20)"),
  typed("numeric(8,2)", "numeric(10,2)"),
  typed("numeric(8,2)", "numeric"),
  typed("numeric(8,2)", "numeric(10,4)"),
  typed("numeric(10,2)", "numeric(8,2)"),
  typed("numeric", "numeric(10,2)"),
  typed("real", "double precision"),
  typed("double precision", "real"),
  typed("numeric(8,2)", "integer"),
  typed("boolean", "integer"),
  typed("integer", "boolean"),
  typed("boolean", "text"),
  typed("date", "timestamp(6)"),
  typed("date", "timestamptz(6)"),
  typed("timestamp(3)", "timestamp(6)"),
  typed("timestamp(6)", "timestamp(3)"),
  typed("timestamp(6)", "timestamptz(6)"),
  typed("timestamptz(6)", "timestamp(6)"),
  typed("timestamp(3)", "timestamptz(3)"),
  typed("timestamptz(3)", "timestamptz(6)"),
  typed("timestamp(6)", "date"),
  typed("time(0)", "time(6)"),
  typed("time(6)", "time(0)"),
  typed("uuid", "text"),
  typed("text", "uuid", { value: "'6f9619ff-8b86-d011-b42d-00c04fc964ff'" }),
  typed("text", "integer"),
  typed("text", "jsonb"),
  typed("xml", "text"),
  typed("jsonb", "text"),
  typed("varchar(50) not null default 'x'", "varchar(90) not null default 'x'"),
  typed("integer default 1", "bigint default 1"),
  typed("uuid", "bytea", { title: "uuid becomes bytea, which has no conversion: nothing is sent" }),
  {
    title: "a type changes with a USING expression of the user's",
    rules: ["squawk changing-column-type"],
    from: V("uuid"),
    to: { columns: { V: "bytea" }, hints: { using: { V: `decode(replace("V"::text, '-', ''), 'hex')` } } },
  },
];

const KEYED: readonly HazardCase[] = (
  [
    ["varchar(20)", "varchar(50)"],
    ["varchar(50)", "text"],
    ["integer", "bigint"],
    ["numeric(8,2)", "numeric(10,2)"],
    ["timestamp(3)", "timestamp(6)"],
    ["date", "timestamptz(6)"],
  ] as const
).map(([from, to]) => ({
  title: `${from} of the key becomes ${to}`,
  rules: ["squawk changing-column-type"],
  from: { columns: { K: `${from} not null`, V: "text" }, key: ["Id", "K"] },
  to: { columns: { K: `${to} not null`, V: "text" }, key: ["Id", "K"] },
}));

const REST: readonly HazardCase[] = [
  {
    title: "set NOT NULL",
    rules: ["squawk adding-not-nullable-field", "Atlas MF104", "Atlas PG303"],
    from: V("integer"),
    to: V("integer not null"),
  },
  {
    title: "set NOT NULL after a statement of the user's",
    rules: ["Atlas MF104"],
    from: V("integer"),
    to: {
      columns: { V: "integer not null" },
      hints: { preSql: { V: 'UPDATE "{{SCHEMA}}"."T" SET "V" = 1 WHERE "V" IS NULL' } },
    },
  },
  { title: "drop NOT NULL", rules: ["squawk ban-drop-not-null"], from: V("integer not null"), to: V("integer") },
  { title: "set a default", from: V("integer"), to: V("integer default 7") },
  { title: "set a volatile default", from: V("uuid"), to: V("uuid default gen_random_uuid()") },
  { title: "drop a default", from: V("integer default 7"), to: V("integer") },
  { title: "another default", from: V("integer default 7"), to: V("integer default 8") },
  {
    title: "a nullable column is no longer wanted",
    rules: ["squawk ban-drop-column", "Atlas DS103"],
    from: V("integer"),
    to: {},
  },
  {
    title: "a NOT NULL column is no longer wanted",
    rules: ["squawk ban-drop-column", "Atlas DS103"],
    from: V("integer not null"),
    to: {},
  },
  { title: "a NOT NULL column with a default is no longer wanted", from: V("integer not null default 1"), to: {} },
  {
    title: "rename a column",
    rules: ["squawk renaming-column", "Atlas BC102"],
    from: { columns: { A: "text" } },
    to: { columns: { B: "text" }, hints: { renames: [{ from: "A", to: "B" }] } },
  },
  {
    title: "rename a column and change its type",
    rules: ["squawk renaming-column", "squawk changing-column-type"],
    from: { columns: { A: "integer" } },
    to: { columns: { B: "bigint" }, hints: { renames: [{ from: "A", to: "B" }] } },
  },
  {
    title: "rename a key column",
    rules: ["squawk renaming-column"],
    from: { columns: { K: "integer not null" }, key: ["K"] },
    to: { columns: { N: "integer not null" }, key: ["N"], hints: { renames: [{ from: "K", to: "N" }] } },
  },
  {
    title: "a declared rename that has been done",
    from: { columns: { B: "text" } },
    to: { columns: { B: "text" }, hints: { renames: [{ from: "A", to: "B" }] } },
  },
  {
    title: "another key",
    rules: ["squawk adding-serial-primary-key-field", "Atlas PG104", "pg-schema-diff INDEX_BUILD"],
    from: { columns: { K: "bigint not null" } },
    to: { columns: { K: "bigint not null" }, key: ["K"] },
  },
  {
    title: "a wider key",
    rules: ["squawk disallowed-unique-constraint", "Atlas PG104"],
    from: { columns: { K: "bigint not null" } },
    to: { columns: { K: "bigint not null" }, key: ["Id", "K"] },
  },
  {
    title: "a nullable column joins the key",
    rules: ["Atlas PG304"],
    from: { columns: { K: "bigint" } },
    to: { columns: { K: "bigint not null" }, key: ["Id", "K"] },
  },
  {
    title: "the index on __sync_timestamp is missing",
    rules: ["squawk require-concurrent-index-creation", "Atlas PG101"],
    from: {},
    to: {},
    drift: { sql: 'DROP INDEX "{{schema}}"."ix_sync_T"', index: false },
  },
  {
    title: "a metadata column is missing",
    from: {},
    to: {},
    drift: { sql: "ALTER TABLE {{T}} DROP COLUMN __source_db", lostMetadata: "__source_db" },
  },
  {
    title: "a column added by hand is NOT NULL",
    from: {},
    to: {},
    drift: {
      sql: "ALTER TABLE {{T}} ADD COLUMN hand integer NOT NULL DEFAULT 1; ALTER TABLE {{T}} ALTER COLUMN hand DROP DEFAULT",
      unexpected: ["hand"],
    },
  },
  {
    title: "a role may read the table",
    on15: "none",
    rules: ["pg-schema-diff AUTHZ_UPDATE"],
    from: {},
    to: { role: true },
  },
  {
    title: "a role may no longer read the table",
    on15: "none",
    rules: ["pg-schema-diff AUTHZ_UPDATE"],
    from: { role: true },
    to: {},
  },
  { title: "make a table", to: V("text") },
  {
    title: "drop a table that is empty",
    rules: ["squawk ban-drop-table", "Atlas DS102", "pg-schema-diff DELETES_DATA"],
    from: V("text"),
    empty: true,
  },
  {
    title: "drop a table with its rows",
    rules: ["squawk ban-drop-table", "Atlas DS102", "pg-schema-diff DELETES_DATA"],
    from: { ...V("text"), allowDrop: true },
  },
  { title: "a table of somebody else's is checked", from: V("text"), to: { ...V("text"), targetExists: true } },
  {
    title: "a table of somebody else's must be there",
    to: { targetExists: true },
    drift: { sql: 'CREATE SCHEMA IF NOT EXISTS "{{schema}}"; CREATE TABLE {{T}} ("Id" bigint PRIMARY KEY)' },
  },
  { title: "deletes become soft", from: {}, to: { onDelete: "soft" } },
];

const STAGING: readonly HazardCase[] = [
  { title: "make a staging table", object: "staging", to: V("text") },
  staged("a column more", {}, V("text")),
  staged("a column more with a constant default", {}, V("integer default 7")),
  staged("a column more with a volatile default", {}, V("uuid default gen_random_uuid()")),
  staged("a column less", V("text"), {}),
  staged("a wider varchar", V("varchar(20)"), V("varchar(50)")),
  staged("a narrower varchar", V("varchar(50)"), V("varchar(20)")),
  staged("integer becomes bigint", V("integer"), V("bigint")),
  staged("integer becomes text", V("integer"), V("text")),
  staged("text becomes integer", V("text"), V("integer")),
  staged("timestamp becomes timestamptz", V("timestamp(6)"), V("timestamptz(6)")),
  staged("timestamp(3) becomes timestamptz(3)", V("timestamp(3)"), V("timestamptz(3)")),
  staged("a column more, of a table of which only the hash is known", {}, V("text"), { unknown: true }),
  staged("another type, of a table of which only the hash is known", V("integer"), V("text"), { unknown: true }),
  staged(
    "another default, of a table of which only the hash is known",
    V("integer default 1"),
    V("integer default 2"),
    { unknown: true },
  ),
  staged("another default", V("integer default 1"), V("integer default 2")),
  staged("becomes logged", {}, { logged: true }),
  staged("becomes unlogged", { logged: true }, {}),
  staged("a role may stage", {}, { role: true }),
  staged(
    "a renamed column",
    { columns: { A: "text" } },
    { columns: { B: "text" }, hints: { renames: [{ from: "A", to: "B" }] } },
  ),
  staged("its trigger is missing", {}, {}, { drift: { sql: "DROP TRIGGER trg_mark_for_merge ON {{S}}" } }),
  staged("a USING expression of the user's", V("uuid"), {
    columns: { V: "bytea" },
    hints: { using: { V: `decode(replace("V"::text, '-', ''), 'hex')` } },
  }),
  { title: "drop a staging table", object: "staging", rules: ["squawk ban-drop-table"], from: V("text") },
];

const OTHERS: readonly HazardCase[] = [
  { title: "make a merge procedure", object: "procedure", to: V("text") },
  { title: "replace a merge procedure", object: "procedure", from: V("text"), to: V("integer") },
  { title: "another role may merge", object: "procedure", from: {}, to: { role: true } },
  { title: "drop a merge procedure", object: "procedure", from: {} },
  { title: "make a schema", object: "schema", to: {} },
  {
    title: "a role may use the schema",
    object: "schema",
    rules: ["pg-schema-diff AUTHZ_UPDATE"],
    from: {},
    to: { role: true },
  },
  {
    title: "drop a schema that is empty",
    object: "schema",
    from: {},
    drift: { sql: 'DROP SCHEMA "{{schema}}" CASCADE; CREATE SCHEMA "{{schema}}"' },
  },
  { title: "make cdc_management", object: "management", to: {} },
  { title: "bring cdc_management up to date", object: "management", from: {}, to: {} },
  { title: "another role may use cdc_management", object: "management", from: { role: true }, to: {} },
  { title: "drop cdc_management", object: "management", rules: ["Atlas DS101"], from: { allowDrop: true } },
  { title: "leave cdc_management without its code", object: "management", from: {} },
];

/** Every kind of change that cdc makes, and what it meets. */
export const CORPUS: readonly HazardCase[] = [...ADDED, ...TYPES, ...KEYED, ...REST, ...STAGING, ...OTHERS];
