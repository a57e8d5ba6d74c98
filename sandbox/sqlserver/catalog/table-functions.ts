import { changeFunction } from "../cdc/change-functions";
import type { Context, TableFunction } from "../compile/context";
import type { Database } from "../storage/database";

/** A table-valued function of a name; undefined when there is none. */
export function findTableFunction(
  name: readonly string[],
  database: Database,
  context: Context,
): TableFunction | undefined {
  const schema = (name.at(-2) ?? "").toLowerCase();
  const chosen =
    name.length > 2 && name[name.length - 3] ? context.instance.database(name[name.length - 3] ?? "") : database;
  const last = name.at(-1) ?? "";
  const table = chosen?.cdc?.timeMapping;
  if (schema !== "cdc" || !chosen || !table) return undefined;
  return changeFunction(chosen, last, context.view([], table));
}
