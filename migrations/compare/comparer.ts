import { nameKey, type Catalog, type CatalogTable } from "../../databases/postgres/catalog";
import type { PgConfig } from "../../databases/postgres/config";
import type { Target } from "../migration-set";
import { EQUAL, liveUnit, procedurePart, type LiveUnit } from "./live-unit";
import type { WantedTable, WantedUnit } from "./wanted";

/** Compares tables in schemas with one reading of the catalogue. */
export type Comparer = (table: WantedTable, target: Target) => Promise<{ wanted: WantedUnit; live: LiveUnit }>;

/**
 * A comparer that looks at equal tables once: schemas of many customers hold the same ones, and the catalogue gives
 * these the same lists of columns, indexes and triggers.
 */
export function comparerOf(catalog: Catalog, config: PgConfig): Comparer {
  const signature = signatures(catalog);
  const fine = new Map<WantedTable, Set<string>>();
  return async (table, target) => {
    const wanted = table.in(target);
    const known = fine.get(table) ?? new Set<string>();
    fine.set(table, known);
    const found = signature(wanted);
    if (known.has(found)) {
      return { wanted, live: { table: EQUAL, staging: EQUAL, procedure: procedurePart(catalog, wanted) } };
    }
    const live = await liveUnit(catalog, wanted, config);
    if (live.table === EQUAL && live.staging === EQUAL) known.add(found);
    return { wanted, live };
  };
}

/** Texts that are equal for tables and staging tables that are the same in all that is compared. */
function signatures(catalog: Catalog): (wanted: WantedUnit) => string {
  const ids = new Map<unknown, number>();
  const idOf = (list: unknown): number => {
    const id = ids.get(list) ?? ids.size;
    ids.set(list, id);
    return id;
  };
  const of = (table: CatalogTable | undefined): string => {
    if (table === undefined) return "missing";
    const { kind, logged, owner, acl, columns, key, indexes, triggers } = table;
    return [kind, logged, owner, acl.join(), ...[columns, key, indexes, triggers].map(idOf)].join("|");
  };
  return ({ table: { schema, table }, staging }) =>
    `${of(catalog.tables.get(nameKey(schema, table)))}\n${of(catalog.tables.get(nameKey(schema, staging.staging)))}`;
}
