import type { ChangedColumn, ColumnKey, TableChanges } from "../../model/catalog-diff";
import type { CatalogTable } from "../../model/catalog-table";
import { needsList, writtenColumn } from "./schema-text";
import type { WrittenTable } from "./written-table";
import type { YamlStep } from "./yaml-step";

const WRITTEN_AS: Readonly<Record<ColumnKey, string>> = {
  type: "type",
  aliasType: "alias_type",
  nullable: "nullable",
  identity: "identity",
  computed: "computed",
  definition: "definition",
  collation: "collation",
  default: "default",
};

/** Steps that make a schema YAML say what the catalog says; a description that somebody wrote stays. */
export function schemaSteps(written: WrittenTable, table: CatalogTable, changes: TableChanges): YamlStep[] {
  const steps: YamlStep[] = [];
  const names = written.columns.map(({ name }) => name);
  for (const change of changes.changed) steps.push(...columnStep(written, names.indexOf(change.column), change));
  steps.push(...descriptionSteps(written, table));
  if (changes.primaryKey !== undefined) steps.push(...flagSteps(written, table));
  for (const column of changes.added) {
    const index = placeOf(column.name, names, table);
    names.splice(index, 0, column.name);
    steps.push({ op: "insert", path: ["columns"], index, value: writtenColumn(column, table) });
  }
  for (const name of changes.removed) {
    const index = names.indexOf(name);
    names.splice(index, 1);
    steps.push({ op: "remove", path: ["columns", index], whenEmpty: "nothing" });
  }
  const ordered = names.map((name) => ({ name }));
  const keyed = changes.primaryKey !== undefined || keyMoved(written, ordered, table);
  return [...steps, ...(keyed ? keyListSteps(written, ordered, table) : []), ...uniqueSteps(written, changes)];
}

/** Right behind the column that is before it at the source. */
function placeOf(name: string, names: readonly string[], table: CatalogTable): number {
  const order = table.columns.map((column) => column.name);
  const before = order.slice(0, order.indexOf(name)).reverse();
  const neighbour = before.find((one) => names.includes(one));
  return neighbour === undefined ? 0 : names.indexOf(neighbour) + 1;
}

function columnStep(written: WrittenTable, index: number, { key, after }: ChangedColumn): YamlStep[] {
  const name = WRITTEN_AS[key];
  const path = ["columns", index, name];
  const there = Object.hasOwn(written.columns[index] ?? {}, name);
  // What isn't said is false; but nullable is true.
  const unsaid = after === undefined || (after === false && key !== "nullable");
  if (!unsaid) return [{ op: there ? "set" : "add", path, value: after }];
  return there ? [{ op: "remove", path, whenEmpty: "nothing" }] : [];
}

function descriptionSteps(written: WrittenTable, table: CatalogTable): YamlStep[] {
  const columns = written.columns.flatMap((column, index) => {
    const { description } = table.columns.find(({ name }) => name === column.name) ?? {};
    return descriptionStep(["columns", index], column, description);
  });
  return [...descriptionStep([], written, table.description), ...columns];
}

function descriptionStep(
  path: readonly (string | number)[],
  written: { readonly description?: string | null },
  description: string | undefined,
): YamlStep[] {
  if (description === undefined || (written.description ?? "").trim() !== "") return [];
  const there = Object.hasOwn(written, "description");
  return [{ op: there ? "set" : "add", path: [...path, "description"], value: description }];
}

/** Flags of the columns that stay; a file that has the key as a list gets no flags. */
function flagSteps(written: WrittenTable, { primaryKey }: CatalogTable): YamlStep[] {
  const asList = hasList(written);
  return written.columns.flatMap((column, index): YamlStep[] => {
    const path = ["columns", index, "primary_key"];
    const there = column.primary_key !== undefined;
    if (!primaryKey.includes(column.name)) return there ? [{ op: "remove", path, whenEmpty: "nothing" }] : [];
    if (asList || column.primary_key === true) return [];
    return [{ op: there ? "set" : "add", path, value: true }];
  });
}

/** Whether new columns or the order of the old ones make a list necessary. */
function keyMoved(written: WrittenTable, columns: readonly { readonly name: string }[], table: CatalogTable): boolean {
  return !hasList(written) && needsList(table.primaryKey, columns);
}

function keyListSteps(
  written: WrittenTable,
  columns: readonly { readonly name: string }[],
  { primaryKey }: CatalogTable,
): YamlStep[] {
  const path = ["primary_key"];
  const there = Object.hasOwn(written, "primary_key");
  const needed = primaryKey.length > 0 && (hasList(written) || needsList(primaryKey, columns));
  return [
    ...(there ? [{ op: "remove", path, whenEmpty: "nothing" } as const] : []),
    ...(needed ? [{ op: "add", path, value: primaryKey } as const] : []),
  ];
}

function uniqueSteps(written: WrittenTable, { uniqueIndexes }: TableChanges): YamlStep[] {
  if (uniqueIndexes === undefined) return [];
  const path = ["unique_indexes"];
  const there = Object.hasOwn(written, "unique_indexes");
  return [
    ...(there ? [{ op: "remove", path, whenEmpty: "nothing" } as const] : []),
    ...(uniqueIndexes.after.length > 0 ? [{ op: "add", path, value: uniqueIndexes.after } as const] : []),
  ];
}

function hasList({ primary_key: list }: WrittenTable): boolean {
  return list !== undefined && list !== null;
}
