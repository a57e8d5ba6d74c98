import fc from "fast-check";
import type { Column } from "../../model/column";
import type { TableHints } from "../../model/table-hints";
import { column } from "../harness/sink-model";
import type { LabTable } from "../harness/migration-lab";

/** Two versions of a configuration, the second with the answers that the change needs. */
export interface TableVersions {
  readonly before: readonly LabTable[];
  readonly after: readonly LabTable[];
  /** The first version once more, with the answers that going back needs. */
  readonly back: readonly LabTable[];
}

/** Types between which PostgreSQL has a conversion of every stored value that fits. */
const FAMILIES = [
  ["smallint", "integer", "bigint", "numeric(8,2)", "numeric(12,2)", "numeric(19,4)", "numeric", "double precision"],
  ["varchar(10)", "varchar(50)", "varchar", "text", "char(3)"],
  ["timestamp(6)", "timestamp(3)", "timestamp(0)", "date"],
  ["boolean", "smallint", "integer"],
  ["uuid", "text"],
];
const TYPES = [...new Set(FAMILIES.flat())];
const NAMES = [
  "Alpha",
  "beta",
  "Order Lines",
  "O'Brien",
  'Q"uote',
  "navnæøå",
  "Zeta",
  "zeta",
  "x\\y",
  "{{SCHEMA}}",
  "$step$",
];
const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  integer: ["0", "1"],
  bigint: ["0", "7"],
  text: ["'it''s'", "'a, b (c)'"],
  "varchar(50)": ["'x'", "'y'"],
};

interface ColumnEdit {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly edit: "keep" | "type" | "nullable" | "drop" | "rename" | "default";
  readonly index: number;
}

const columnEdit: fc.Arbitrary<ColumnEdit> = fc.record({
  name: fc.constantFrom(...NAMES),
  type: fc.constantFrom(...TYPES),
  nullable: fc.boolean(),
  edit: fc.constantFrom("keep", "type", "nullable", "drop", "rename", "default"),
  index: fc.nat(),
});

const tableEdit = fc.record({
  columns: fc.uniqueArray(columnEdit, { maxLength: 5, selector: ({ name }) => name }),
  added: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom("New", "newer", "Ny Å"),
      type: fc.constantFrom(...TYPES),
      nullable: fc.boolean(),
    }),
    {
      maxLength: 2,
      selector: ({ name }) => name,
    },
  ),
  keys: fc.tuple(fc.boolean(), fc.boolean()),
  onDelete: fc.tuple(
    fc.constantFrom("hard" as const, "soft" as const),
    fc.constantFrom("hard" as const, "soft" as const),
  ),
  logged: fc.tuple(fc.boolean(), fc.boolean()),
  there: fc.constantFrom("both", "both", "both", "before", "after"),
});

/** Versions of up to three tables with every kind of change that needs no person. */
export const tableVersions: fc.Arbitrary<TableVersions> = fc
  .array(tableEdit, { minLength: 1, maxLength: 3 })
  .map((edits) => {
    const both = edits.map((edit, index) => versionsOf(edit, ["Actor", "actor", "Order Lines"][index] ?? ""));
    const kept = (which: "before" | "after") =>
      both.flatMap((one, index) => (["both", which].includes(edits[index]?.there ?? "") ? [one[which]] : []));
    return { before: kept("before"), after: kept("after"), back: kept("before").map((table) => back(table, both)) };
  });

type TableEdit = typeof tableEdit extends fc.Arbitrary<infer E> ? E : never;

function versionsOf(edit: TableEdit, name: string): { before: LabTable; after: LabTable } {
  const ids = [column("Id", "bigint", { nullable: false }), column("No", "integer", { nullable: false })];
  const before = edit.columns.map((one) => withDefault(one, 0, column(one.name, one.type, { nullable: one.nullable })));
  const edited = edit.columns.flatMap(editedColumn);
  const renames = edit.columns.flatMap((one) =>
    one.edit === "rename" ? [{ from: one.name, to: `${one.name}2` }] : [],
  );
  const dropped = edit.columns.filter((one) => one.edit === "drop").map((one) => one.name);
  const added = edit.added.map((one) => column(one.name, one.type, { nullable: one.nullable }));
  const notRenamed = dropped.flatMap((from) => added.map(({ name: to }) => ({ from, to })));
  const hints: TableHints = {
    ...(renames.length === 0 ? {} : { renames }),
    ...(notRenamed.length === 0 ? {} : { notRenamed }),
  };
  const key = (long: boolean) => (long ? ["Id", "No"] : ["Id"]);
  const common = { name, hints };
  return {
    before: {
      name,
      columns: [...ids, ...before],
      key: key(edit.keys[0]),
      onDelete: edit.onDelete[0],
      stagingLogged: edit.logged[0],
    },
    after: {
      ...common,
      columns: [...ids, ...edited, ...added],
      key: key(edit.keys[1]),
      onDelete: edit.onDelete[1],
      stagingLogged: edit.logged[1],
    },
  };
}

/** Renames undone, and no column of the second version taken for one of the first. */
function back(table: LabTable, both: readonly { readonly after: LabTable }[]): LabTable {
  const { hints = {}, columns: present = [] } = both.find(({ after }) => after.name === table.name)?.after ?? {};
  const renames = (hints.renames ?? []).map(({ from, to }) => ({ from: to, to: from }));
  const news = present.map(({ name }) => name).filter((name) => !table.columns?.some((column) => column.name === name));
  const notRenamed = news.flatMap((from) => (table.columns ?? []).map(({ name: to }) => ({ from, to })));
  return { ...table, hints: { ...(renames.length === 0 ? {} : { renames }), notRenamed } };
}

function editedColumn(edit: ColumnEdit): Column[] {
  const same = withDefault(edit, 0, column(edit.name, edit.type, { nullable: edit.nullable }));
  if (edit.edit === "drop") return [];
  if (edit.edit === "rename") return [{ ...same, name: `${edit.name}2` }];
  if (edit.edit === "nullable") return [{ ...same, nullable: !edit.nullable }];
  if (edit.edit === "default") return [withDefault(edit, 1, same)];
  if (edit.edit === "keep") return [same];
  const family = FAMILIES.find((types) => types.includes(edit.type)) ?? [edit.type];
  const type = family[edit.index % family.length] ?? edit.type;
  return [column(edit.name, type, { nullable: edit.nullable })];
}

/** Columns with a default are template columns. */
function withDefault({ type, index }: ColumnEdit, version: number, same: Column): Column {
  const known = DEFAULTS[type];
  const standard = known === undefined || index % 2 === 0 ? undefined : known[version];
  if (standard === undefined) return same;
  const { source: _source, sourceType: _type, ...rest } = same;
  return { ...rest, origin: "template", default: standard };
}
