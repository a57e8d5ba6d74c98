import type { TextRow } from "../../databases/sqlserver/run";
import { fingerprintOf, instancesOf, parseDdl } from "./capture-rows";

const lsn = (digit: string): string => `0x${digit.repeat(20)}`;

const row: TextRow = {
  object_id: "1",
  capture_instance: "dbo_t",
  start_lsn: lsn("1"),
  ddl_events: null,
};
const names: TextRow = { object_id: "1", source_schema: "dbo", source_table: "t", renamed: null };

function column(name: string, more: TextRow = {}): TextRow {
  const type = { type_name: "int", max_length: "4", precision: "10", scale: "0" };
  const source = { source_type_name: "int", source_max_length: "4", source_precision: "10", source_scale: "0" };
  return {
    capture_instance: "dbo_t",
    column_ordinal: "1",
    column_name: name,
    source_name: name,
    ...type,
    ...source,
    ...more,
  };
}

function instances(tables: readonly TextRow[], columns: readonly TextRow[], command?: string, named = names) {
  const ddl = command === undefined ? [] : [{ ddl_lsn: lsn("2"), source_schema: "dbo", source_table: "t", command }];
  return instancesOf(tables, { fingerprint: "", names: [named], columns, uncaptured: [], ddl: parseDdl(ddl) });
}

test("an instance without a lowest LSN, without columns, or of a table that the login may not see, is left out", () => {
  expect(instances([row], [column("id")])).toHaveLength(1);
  expect(instances([{ ...row, start_lsn: null }], [column("id")])).toEqual([]);
  expect(instances([row], [])).toEqual([]);
  expect(instances([row], [column("id")], undefined, { ...names, source_schema: null, source_table: null })).toEqual(
    [],
  );
});

test("the fingerprint stays when cleanup raises the lowest LSN, and changes with everything else", () => {
  expect(fingerprintOf([{ ...row, start_lsn: lsn("3") }])).toBe(fingerprintOf([row]));
  for (const name of Object.keys(row).filter((key) => key !== "start_lsn"))
    expect(fingerprintOf([{ ...row, [name]: "9" }])).not.toBe(fingerprintOf([row]));
  expect(fingerprintOf([])).not.toBe(fingerprintOf([row]));
});

const large = { source_type_name: "varchar", source_max_length: "-1" };
const small = { source_type_name: "varchar", source_max_length: "50" };

test.each([
  ["small and never altered", small, undefined, { type: "varchar(50)" }],
  ["large", large, "ALTER TABLE t ALTER COLUMN c varchar(max)", { type: "varchar(max)" }],
  [
    "small, and altered at some time",
    small,
    "ALTER TABLE t ALTER COLUMN C varchar(50)",
    { type: "varchar(50)", wasLarge: true },
  ],
  [
    "small, and still large in the change table",
    { ...small, type_name: "text" },
    undefined,
    { type: "varchar(50)", wasLarge: true },
  ],
  [
    "renamed, and altered under its new name",
    { ...small, source_name: "d" },
    "ALTER TABLE t ALTER COLUMN d varchar(50)",
    { wasLarge: true },
  ],
  [
    "dropped",
    { source_name: null, type_name: "nvarchar", max_length: "40" },
    undefined,
    { type: "nvarchar(20)", sourceName: undefined },
  ],
])("a column that is %s", (_, more, command, expected) => {
  const [instance] = instances([row], [column("c", more)], command);
  expect(instance?.columns[0]).toMatchObject(expected);
  expect(instance?.columns[0]?.wasLarge).toBe("wasLarge" in expected ? true : undefined);
});
