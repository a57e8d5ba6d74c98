const SPECIAL = /[\\|]/;
/** How a NULL is written; a text can't be so, since its backslashes are doubled. */
const NULL = "\\N";

/** Key values of a row as one readable text, such as `42` or `acme|42`; undefined when the row lacks one of them. */
export function keyText(
  columns: readonly string[],
  row: Readonly<Record<string, unknown>>,
  otherwise: Readonly<Record<string, unknown>>,
): string | undefined {
  let text = "";
  for (const [index, column] of columns.entries()) {
    const value = row[column] ?? otherwise[column];
    if (value === undefined && row[column] === undefined) return undefined;
    text += index === 0 ? valueText(value) : `|${valueText(value)}`;
  }
  return text;
}

/** Of the columns, the first that the row doesn't have. */
export function missingColumn(
  columns: readonly string[],
  row: Readonly<Record<string, unknown>>,
  otherwise: Readonly<Record<string, unknown>>,
): string | undefined {
  return columns.find((column) => row[column] === undefined && otherwise[column] === undefined);
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return NULL;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return SPECIAL.test(text) ? text.replace(/[\\|]/g, "\\$&") : text;
}
