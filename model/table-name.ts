/** A table as the user wrote it, taken apart. */
export interface WrittenTable {
  /** Absent for a bare table name. */
  readonly schema?: string;
  readonly table: string;
}

const PART = /^(?:\[((?:[^\]]|\]\])*)\]|"((?:[^"]|"")*)"|([^.]*))/;

/**
 * Takes `schema.table` or `table` apart. Names with dots are written in brackets or quotes, as in SQL Server:
 * `dbo.[Order.Lines]`. Without those everything after the first dot is the table.
 */
export function parseTableName(text: string): WrittenTable {
  const first = part(text);
  if (first.rest === "") return { table: first.name };
  if (!first.rest.startsWith(".")) return { table: text };
  const second = part(first.rest.slice(1));
  return { schema: first.name, table: second.rest === "" ? second.name : first.rest.slice(1) };
}

function part(text: string): { name: string; rest: string } {
  const [whole = "", bracketed, quoted, plain] = PART.exec(text) ?? [];
  const name = bracketed?.replace(/\]\]/g, "]") ?? quoted?.replace(/""/g, '"') ?? plain ?? text;
  return { name, rest: text.slice(whole.length) };
}
