import { V, type HazardCase } from "./hazard-case";

function added(title: string, spec: string, rules: readonly string[] = [], more: Partial<HazardCase> = {}): HazardCase {
  return { title: `add a column: ${title}`, from: {}, to: V(spec), rules, ...more };
}

function typed(from: string, to: string, more: Partial<HazardCase> = {}): HazardCase {
  const rules = ["squawk changing-column-type", "Atlas PG301", "pg-schema-diff ACQUIRES_ACCESS_EXCLUSIVE_LOCK"];
  return { title: `${from} becomes ${to}`, from: V(from), to: V(to), rules, ...more };
}

/** Columns that are added. */
export const ADDED: readonly HazardCase[] = [
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

/** Columns whose type changes. */
export const TYPES: readonly HazardCase[] = [
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

/** Key columns whose type changes. */
export const KEYED: readonly HazardCase[] = (
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
