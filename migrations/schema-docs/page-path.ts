import type { DocumentedTable } from "./documented-table";

/** Folder of the tables that every customer has. No schema is encoded to it: a leading `_` becomes `%5F`. */
const EACH_CUSTOMER = "_customers";

const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}<>:"/\\|?*%#]/gu;
/** What some disks don't keep: a dot or blank at an end, and a `_` at the start, which is ours. */
const AT_AN_END = /^[._ ]|[. ]$/g;
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=$|\.)/i;

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

/** A name as part of a path: what a file name can't hold is percent-encoded. */
export function pathPart(name: string): string {
  return name
    .replace(FORBIDDEN, encoded)
    .replace(AT_AN_END, encoded)
    .replace(DEVICE, (name) => encoded(name.slice(0, 1)) + name.slice(1));
}

/** Tables of single customers, whose columns are unlike the others', go to their schema's folder. */
function pathOf(table: DocumentedTable, taken: ReadonlySet<string>): string {
  const folder = [pathPart(table.service), pathPart(table.sink)];
  const common = [...folder, EACH_CUSTOMER, pathPart(table.name)].join("/");
  if (table.perCustomer && !taken.has(common.toLowerCase())) return common;
  return [...folder, pathPart(table.schemas[0] ?? ""), pathPart(table.name)].join("/");
}

function free(path: string, taken: ReadonlySet<string>): string {
  for (let count = 2, one = path; ; count++) {
    if (!taken.has(one.toLowerCase())) return one;
    one = `${path}%${String(count)}`;
  }
}

function encoded(character: string): string {
  return [...Buffer.from(character, "utf8")].map((byte) => `%${byte.toString(16).toUpperCase()}`).join("");
}
