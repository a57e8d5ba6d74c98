import { V, type HazardCase, type TableVersion } from "./hazard-case";

function staged(title: string, from: TableVersion, to: TableVersion, more: Partial<HazardCase> = {}): HazardCase {
  return { title: `staging follows: ${title}`, object: "staging", from, to, ...more };
}

/** Everything else that happens to a final table. */
export const TABLES: readonly HazardCase[] = [
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
    title: "a nullable column was added by hand",
    from: {},
    to: {},
    drift: { sql: "ALTER TABLE {{T}} ADD COLUMN hand integer", unexpected: ["hand"] },
    unknown: true,
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

/** Staging tables. */
export const STAGING: readonly HazardCase[] = [
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

/** Procedures and schemas. */
export const OTHERS: readonly HazardCase[] = [
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
