import type { DocumentedColumn, DocumentedTable } from "./documented-table";

/** Viewers refuse a diagram of more than 50,000 characters. */
const MOST_CHARACTERS = 45_000;

/**
 * Mermaid entity diagrams of tables, without the columns that cdc adds; several where one would be too long.
 * No relations: the configuration knows of no foreign keys, and none are guessed.
 */
export function entityDiagrams(tables: readonly DocumentedTable[]): string[] {
  const entities = withNames(tables).map(([table, name]) => entity(table, name));
  const diagrams: string[][] = [];
  let length = MOST_CHARACTERS;
  for (const text of entities) {
    if (length + text.length > MOST_CHARACTERS) {
      diagrams.push([]);
      length = 0;
    }
    diagrams.at(-1)?.push(text);
    length += text.length + 1;
  }
  return diagrams.map((parts) => ["erDiagram", ...parts].join("\n"));
}

function entity({ columns }: DocumentedTable, name: string): string {
  const own = columns.filter(({ origin }) => origin !== "metadata");
  const taken = new Set<string>();
  return [`  "${name}" {`, ...own.map((column) => `    ${attribute(column, taken)}`), "  }"].join("\n");
}

/** `varchar Name PK "what the diagram's words can't say"` */
function attribute(column: DocumentedColumn, taken: Set<string>): string {
  const name = unique(attributeWord(column.name), taken);
  const notes = [...(name === column.name ? [] : [column.name]), ...(column.type.includes("(") ? [column.type] : [])];
  const comment = notes.length === 0 ? "" : ` "${quotable(notes.join(" "))}"`;
  return `${attributeWord(column.type.replace(/\(.*\)/, ""))} ${name}${column.key === undefined ? "" : " PK"}${comment}`;
}

/** Two names that become one are numbered. */
function withNames(tables: readonly DocumentedTable[]): [DocumentedTable, string][] {
  const taken = new Set<string>();
  return tables.map((table) => [table, unique(entityName(table.name), taken)]);
}

function unique(name: string, taken: Set<string>): string {
  for (let count = 1, one = name; ; one = `${name}_${String(++count)}`) {
    if (taken.has(one)) continue;
    taken.add(one);
    return one;
  }
}

/** Any characters but those that end a quoted name, and not the words that turn the diagram. */
function entityName(name: string): string {
  return quotable(name)
    .replace(/[%\\#;]/g, "_")
    .replace(/direction\s+/gi, "direction_");
}

function quotable(text: string): string {
  return text
    .replaceAll('"', "'")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ")
    .replaceAll("`", "'");
}

/** Letters, digits and `_`, not beginning with a digit or with one of the diagram's own key words. */
function attributeWord(text: string): string {
  const word = text.replace(/[^\p{L}\p{N}_]/gu, "_").replace(/[\u0080-\u00bf]/g, "_");
  return /^[A-Za-z_\u00c0-\uffff]/.test(word) && !/^(pk|fk|uk)(?![A-Za-z0-9_])/i.test(word) ? word : `_${word}`;
}
