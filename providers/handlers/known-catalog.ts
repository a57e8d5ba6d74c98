import { nameKey, readCatalog, type Catalog } from "../../databases/postgres/catalog";
import { describe, type PgConfig } from "../../databases/postgres/config";

/** An object of the database that a resource owns. */
export interface OwnedObject {
  readonly schema: string;
  /** Absent: the schema itself, with everything in it. */
  readonly table?: string;
  readonly routine?: string;
}

interface Writable extends Catalog {
  management?: NonNullable<Catalog["management"]>;
  readonly schemas: Map<string, Catalog["schemas"] extends ReadonlyMap<string, infer V> ? V : never>;
  readonly tables: Map<string, Catalog["tables"] extends ReadonlyMap<string, infer V> ? V : never>;
  readonly routines: Map<string, Catalog["routines"] extends ReadonlyMap<string, infer V> ? V : never>;
  readonly mergeControl: Map<string, Catalog["mergeControl"] extends ReadonlyMap<string, infer V> ? V : never>;
}

interface Known {
  readonly catalog: Promise<Writable>;
  /** Objects written since the catalogue was read, by JSON text. */
  readonly stale: Map<string, OwnedObject>;
}

const known = new Map<string, Known>();

/**
 * The database's catalogue, read once per process and shared by all resources. The objects asked for are read
 * again, alone, when they were written since. A provider process lives for one run, so nothing gets old.
 */
export async function knownCatalog(config: PgConfig, objects: readonly OwnedObject[]): Promise<Catalog> {
  const entry = entryOf(config);
  const catalog = await entry.catalog;
  for (const object of objects) {
    const key = JSON.stringify(object);
    if (!entry.stale.has(key)) continue;
    patch(catalog, object, (await readCatalog(config, object)) as Writable);
    entry.stale.delete(key);
  }
  return catalog;
}

/** Tells that these objects were written, or that a write to them failed half known. */
export function forget(config: PgConfig, objects: readonly OwnedObject[]): void {
  const stale = known.get(describe(config))?.stale;
  for (const object of objects) stale?.set(JSON.stringify(object), object);
}

/** Reads the database's catalogue again when it is needed next. */
export function forgetDatabase(config: PgConfig): void {
  known.delete(describe(config));
}

/** Forgets every database: for tests, whose process outlives a run. */
export function forgetAll(): void {
  known.clear();
}

function entryOf(config: PgConfig): Known {
  const key = describe(config);
  const found = known.get(key);
  if (found !== undefined) return found;
  const catalog = readCatalog(config) as Promise<Writable>;
  // A failed read is tried again by the next resource.
  catalog.catch(() => known.delete(key));
  const entry = { catalog, stale: new Map<string, OwnedObject>() };
  known.set(key, entry);
  return entry;
}

function patch(catalog: Writable, object: OwnedObject, fresh: Writable): void {
  const { schema, table, routine } = object;
  const whole = table === undefined && routine === undefined;
  if (whole) replace(catalog.schemas, fresh.schemas, (key) => key === schema);
  const matches = (name: string | undefined) => (key: string) =>
    name === undefined ? whole && key.startsWith(nameKey(schema, "")) : key === nameKey(schema, name);
  if (whole && fresh.management !== undefined) catalog.management = fresh.management;
  replace(catalog.tables, fresh.tables, matches(table));
  replace(catalog.routines, fresh.routines, matches(routine));
  if (routine === undefined && !whole) return;
  replace(catalog.mergeControl, fresh.mergeControl, (key) => key.startsWith(nameKey(schema, "")));
}

function replace<V>(target: Map<string, V>, fresh: ReadonlyMap<string, V>, belongs: (key: string) => boolean): void {
  for (const key of [...target.keys()]) if (belongs(key)) target.delete(key);
  for (const [key, value] of fresh) if (belongs(key)) target.set(key, value);
}
