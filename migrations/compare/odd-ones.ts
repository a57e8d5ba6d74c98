import { nameKey, type Catalog, type CatalogTable } from "../../databases/postgres/catalog";
import type { WantedUnit } from "./wanted";

/** A schema in which a table is not like the same table of most other schemas. */
export interface OddOne {
  readonly schema: string;
  readonly tables: readonly string[];
}

/** A table with what it is wanted to be, by entry of the manifest. */
export interface ComparedUnit {
  /** The same for a table of all customers. */
  readonly entry: object;
  readonly wanted: WantedUnit;
}

const FEWEST_SCHEMAS = 3;

/**
 * Schemas that are the odd one out: a table whose columns, key or staging table differ from those in more than half of
 * the schemas that have it. Whatever the files say: so it is told, too, when the files are newer than all of them.
 */
export function oddOnes(units: readonly ComparedUnit[], catalog: Catalog): OddOne[] {
  const shape = shapes(catalog);
  const odd = new Map<string, string[]>();
  for (const group of groupsOf(units).values()) {
    if (group.length < FEWEST_SCHEMAS) continue;
    const texts = group.map(({ wanted }) => shape(wanted));
    const usual = majorityOf(texts);
    if (usual === undefined) continue;
    for (const [index, { wanted }] of group.entries()) {
      const { schema, table } = wanted.table;
      if (texts[index] !== usual) odd.set(schema, [...(odd.get(schema) ?? []), table]);
    }
  }
  return [...odd]
    .map(([schema, tables]) => ({ schema, tables }))
    .sort((one, other) => (one.schema < other.schema ? -1 : 1));
}

function groupsOf(units: readonly ComparedUnit[]): Map<object, ComparedUnit[]> {
  const groups = new Map<object, ComparedUnit[]>();
  for (const unit of units) {
    const group = groups.get(unit.entry);
    if (group === undefined) groups.set(unit.entry, [unit]);
    else group.push(unit);
  }
  return groups;
}

/** What more than half of the texts are; undefined when no text is that common. */
function majorityOf(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].find(([, count]) => count * 2 > texts.length)?.[0];
}

/** Columns by name, so that a table that got its columns later is like one that was made with them. */
function shapes(catalog: Catalog): (wanted: WantedUnit) => string {
  const known = new Map<CatalogTable["columns"], string>();
  const columns = (table: CatalogTable): string => {
    const text =
      known.get(table.columns) ??
      table.columns
        .map((column) => JSON.stringify(column))
        .sort()
        .join();
    known.set(table.columns, text);
    return text;
  };
  const of = (table: CatalogTable | undefined): string =>
    table === undefined ? "missing" : `${table.kind} ${String(table.logged)} ${table.key.join()} ${columns(table)}`;
  return ({ table: { schema, table }, staging }) =>
    `${of(catalog.tables.get(nameKey(schema, table)))}\n${of(catalog.tables.get(nameKey(schema, staging.staging)))}`;
}
