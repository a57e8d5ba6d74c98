import type { SourcePlace, SourcePlaces } from "../../config";
import { CdcError } from "../../lib/errors";
import { isUnchanged, tableChanges, type TableChanges } from "../../model/catalog-diff";
import type { CatalogTable } from "../../model/catalog-table";
import { nameOf } from "./wanted-tables";

/** How the databases of a service differ from the reference. */
export interface ComparedService {
  readonly service: string;
  readonly environment: string;
  readonly reference: string;
  /** How many tables were compared. */
  readonly tables: number;
  readonly sources: readonly ComparedSource[];
}

/** How one database differs from the reference: what it has is `after`. */
export interface ComparedSource {
  readonly source: string;
  readonly database: string;
  readonly differs: boolean;
  readonly missing: readonly string[];
  readonly tables: readonly { readonly table: string; readonly changes: TableChanges }[];
  /** Why it couldn't be read; then nothing is known of it. */
  readonly problem?: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** Compares tables of the reference with those of every other database. What one database throws is in its result. */
export async function compareService(
  service: string,
  places: SourcePlaces,
  reference: readonly CatalogTable[],
  read: (place: SourcePlace) => Promise<{ readonly tables: readonly CatalogTable[] }>,
): Promise<ComparedService> {
  const own = places.reference;
  const others = places.all.filter(({ server, database }) => server !== own.server || database !== own.database);
  const sources = await Promise.all(others.map((place) => compareSource(place, reference, read)));
  const { environment } = places;
  return { service, environment, reference: own.source, tables: reference.length, sources };
}

async function compareSource(
  place: SourcePlace,
  reference: readonly CatalogTable[],
  read: (place: SourcePlace) => Promise<{ readonly tables: readonly CatalogTable[] }>,
): Promise<ComparedSource> {
  const { source, database } = place;
  try {
    const there = new Map((await read(place)).tables.map((table) => [nameOf(table), table]));
    const missing = reference.map(nameOf).filter((name) => !there.has(name));
    const tables = reference.flatMap((table) => {
      const other = there.get(nameOf(table));
      const changes = other === undefined ? undefined : tableChanges(table, other);
      return changes === undefined || isUnchanged(changes) ? [] : [{ table: nameOf(table), changes }];
    });
    return { source, database, differs: missing.length + tables.length > 0, missing, tables };
  } catch (error) {
    if (!(error instanceof CdcError)) throw error;
    const { code, message, hint } = error;
    const problem = { code, message, ...(hint === undefined ? {} : { hint }) };
    return { source, database, differs: true, missing: [], tables: [], problem };
  }
}
