import type { Column } from "../../model/column";
import type { SinkTable } from "../../model/sink";

/**
 * What two tables of one name differ in, in words, such as `column Name is varchar(50), not text`; undefined when
 * one text with placeholders is right for both. Source database, customer and constants may differ.
 */
export function differenceOf(one: SinkTable, other: SinkTable): string | undefined {
  return (
    columnsDifference(one.columns, other.columns) ?? (sameParts(one, other) ? undefined : tableDifference(one, other))
  );
}

/** Most tables are the same for thousands of customers' schemas: this is asked before anything is put into words. */
function sameParts(one: SinkTable, other: SinkTable): boolean {
  const source = one.source.schema === other.source.schema && one.source.table === other.source.table;
  const rules = one.targetExists === other.targetExists && one.onDelete === other.onDelete;
  const shared =
    one.stagingLogged === other.stagingLogged && (one.tenants === undefined) === (other.tenants === undefined);
  const lists = sameList(one.key, other.key) && sameList(one.transforms, other.transforms);
  return source && rules && shared && lists && one.hints === other.hints;
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one === other || (one.length === other.length && one.every((text, index) => text === other[index]));
}

function columnsDifference(one: readonly Column[], other: readonly Column[]): string | undefined {
  if (one === other) return undefined;
  for (const [index, column] of one.entries()) {
    const counterpart = other[index];
    if (column === counterpart) continue;
    if (counterpart === undefined) return `column ${column.name} is missing`;
    const difference = columnDifference(column, counterpart);
    if (difference !== undefined) return difference;
  }
  const more = other[one.length];
  return more === undefined ? undefined : `column ${more.name} is only there`;
}

function columnDifference(one: Column, other: Column): string | undefined {
  if (one.name !== other.name) return `column ${other.name} is in the place of ${one.name}`;
  if (one.type !== other.type) return `column ${one.name} is ${other.type}, not ${one.type}`;
  if (one.nullable !== other.nullable) return `column ${one.name} is ${other.nullable ? "" : "not "}nullable`;
  if (one.default !== other.default)
    return `column ${one.name} has the default ${other.default ?? "none"}, not ${one.default ?? "none"}`;
  if (one.source !== other.source) return `column ${one.name} comes from ${other.source ?? "no column"}`;
  const sameFilling =
    (one.constant === undefined) === (other.constant === undefined) &&
    (one.constants === undefined) === (other.constants === undefined);
  return sameFilling ? undefined : `column ${one.name} is filled another way`;
}

function tableDifference(one: SinkTable, other: SinkTable): string | undefined {
  const parts = (table: SinkTable) => ({
    "the source table": `${table.source.schema}.${table.source.table}`,
    "the key": table.key.join(", "),
    target_exists: String(table.targetExists),
    on_delete: table.onDelete,
    staging: table.stagingLogged ? "logged" : "unlogged",
    "the list of transforms": table.transforms.join(", "),
    "the list of customers": table.tenants === undefined ? "none" : "some",
    manual_migration_hints: JSON.stringify(table.hints ?? {}),
  });
  const [wanted, found] = [Object.entries(parts(one)), Object.values(parts(other))];
  const at = wanted.findIndex(([, text], index) => text !== found[index]);
  const [what, text] = wanted[at] ?? [];
  return what === undefined ? undefined : `${what} is ${found[at] ?? ""}, not ${text ?? ""}`;
}
