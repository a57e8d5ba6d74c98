import { createHash } from "node:crypto";
import type { Catalog, CatalogRoutine, CatalogTable } from "../catalog";

/** A short hash of each object of a schema, by name, such as `table checkpoints`. */
export type Fingerprints = Readonly<Record<string, string>>;

const HASH_LENGTH = 8;

/** What a schema holds. Rights are left out: other resources grant some of them. */
export function fingerprintsOf(catalog: Catalog, schema: string): Fingerprints {
  const tables = [...catalog.tables.values()].filter((table) => table.schema === schema);
  const routines = [...catalog.routines.values()].flat().filter((routine) => routine.schema === schema);
  const entries = [...tables.map(tableEntry), ...routines.map(routineEntry)].sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return Object.fromEntries(entries);
}

/** What differs, in words: `view v_dead_letters missing`, `function call_merge changed`. What came in addition is nobody's business. */
export function differencesOf(before: Fingerprints, now: Fingerprints): string[] {
  return Object.entries(before).flatMap(([name, hash]) => {
    const found = now[name];
    if (found === hash) return [];
    return [`${name} ${found === undefined ? "missing" : "changed"}`];
  });
}

function tableEntry(table: CatalogTable): [string, string] {
  const { kind, name, columns, key, indexes, triggers, fingerprint, logged } = table;
  const parts = { columns, key, indexes: sorted(indexes), triggers: sorted(triggers), fingerprint, logged };
  return [`${kind} ${name}`, hashOf(parts)];
}

function routineEntry({ kind, name, arguments: args, fingerprint }: CatalogRoutine): [string, string] {
  return [`${kind} ${name}`, hashOf([args, fingerprint])];
}

function sorted<T extends { readonly name: string }>(list: readonly T[]): T[] {
  return [...list].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, HASH_LENGTH);
}
