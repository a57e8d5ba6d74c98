import { readCatalog } from "../../databases/postgres/catalog";
import type { PgConfig } from "../../databases/postgres/config";

/** Everything the catalogue says of a database, as text in a fixed order, without what differs between equal databases. */
export async function catalogDump(config: PgConfig): Promise<string> {
  const { schemas, tables, routines, mergeControl } = await readCatalog(config);
  const parts = [schemas, tables, routines, mergeControl].map((map) =>
    [...(map as ReadonlyMap<string, unknown>).entries()].sort(([one], [other]) => (one < other ? -1 : 1)),
  );
  return JSON.stringify(parts, sortedLists, 1).replaceAll(config.database, "<database>");
}

function sortedLists(key: string, value: unknown): unknown {
  if (!Array.isArray(value) || key === "columns" || key === "key") return value;
  return [...(value as unknown[])].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}
