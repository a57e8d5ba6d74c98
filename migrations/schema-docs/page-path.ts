import { pathPart } from "../../lib/path-part";
import type { DocumentedTable } from "./documented-table";

/** Folder of the tables that every customer has. No schema comes to it: a leading `_` becomes `%5F`. */
const EACH_CUSTOMER = "_customers";

/** A table with the path of its pages from the output folder, without `.md` or `.yaml`. */
export interface PlacedPage {
  readonly table: DocumentedTable;
  readonly path: string;
}

/** The pages of a service's tables; two whose paths differ by case alone are kept apart on every disk. */
export function placedPages(tables: readonly DocumentedTable[]): PlacedPage[] {
  const taken = new Set<string>();
  return tables.map((table) => {
    const path = free(pathOf(table, taken), taken);
    taken.add(path.toLowerCase());
    return { table, path };
  });
}

/** Tables of single customers, whose columns are unlike the others', go to their schema's folder. */
function pathOf(table: DocumentedTable, taken: ReadonlySet<string>): string {
  const folder = [pathPart(table.service), pathPart(table.sink)];
  const common = [...folder, EACH_CUSTOMER, pathPart(table.name)].join("/");
  if (table.perCustomer && !taken.has(common.toLowerCase())) return common;
  return [...folder, pathPart(table.schemas[0] ?? "").replace(/^_/, "%5F"), pathPart(table.name)].join("/");
}

function free(path: string, taken: ReadonlySet<string>): string {
  for (let count = 2, one = path; ; count++) {
    if (!taken.has(one.toLowerCase())) return one;
    one = `${path}%${String(count)}`;
  }
}
