import type { EnvelopeRow } from "../model/envelope";
import type { TableShape } from "../model/table-shape";

/**
 * What to tell the user when a whole row lacks columns that the table takes from its source: they are stored as NULL,
 * and a name that is spelled otherwise may be why. Names that the table does not take are fine by themselves
 * (`ignore_columns`).
 */
export function columnNote(shape: TableShape, row: EnvelopeRow): string | undefined {
  const sources = shape.columns.flatMap(({ source }) => (source === undefined ? [] : [source]));
  const missing = sources.filter((name) => !Object.hasOwn(row, name));
  if (missing.length === 0) return undefined;
  const others = Object.keys(row).filter((name) => !sources.includes(name));
  const instead = others.length === 0 ? "" : `; they have ${quoted(others)}, which the table does not take`;
  return `table ${shape.schema}.${shape.table}: the events lack ${quoted(missing)}, stored as NULL${instead}`;
}

function quoted(names: readonly string[]): string {
  const shown = names
    .slice(0, 5)
    .map((name) => `"${name}"`)
    .join(", ");
  return names.length > 5 ? `${shown} and ${String(names.length - 5)} more` : shown;
}
