/** A row of a staging table, as the tests stage it: key (h, k), a required column and three others. */
export interface StagedEvent {
  /** Number of the history: part of the key, so that histories do not meet. */
  readonly h: number;
  readonly k: number;
  /** Place in the history; later ones win. */
  readonly position: number;
  readonly operation: "Insert" | "Update" | "Delete" | "Read";
  readonly r: string;
  readonly a: string | null;
  readonly b: string | null;
  readonly lob: string | null;
  /** Columns that the event doesn't carry. */
  readonly unchanged: readonly ValueName[];
}

export type ValueName = "a" | "b" | "lob";

/** A row of the final table, as it must be. */
export interface ModelRow {
  readonly h: number;
  readonly k: number;
  readonly r: string;
  readonly a: string | null;
  readonly b: string | null;
  readonly lob: string | null;
  readonly position: number;
  readonly deleted: boolean;
}

/**
 * What the final table holds after these events, however they were delivered: they are applied in the order of their
 * positions, each once.
 */
export function modelOf(events: readonly StagedEvent[], onDelete: "hard" | "soft"): ModelRow[] {
  const rows = new Map<string, ModelRow>();
  const ordered = [...events].sort((one, other) => one.position - other.position);
  for (const event of ordered) applyEvent(rows, event, onDelete);
  return [...rows.values()].sort((one, other) => one.h - other.h || one.k - other.k);
}

function applyEvent(rows: Map<string, ModelRow>, event: StagedEvent, onDelete: "hard" | "soft"): void {
  const { h, k, position, r, unchanged } = event;
  const key = `${String(h)}/${String(k)}`;
  const old = rows.get(key);
  if (old !== undefined && old.position === position) return;
  if (event.operation === "Delete") {
    if (onDelete === "hard") rows.delete(key);
    else if (old !== undefined) rows.set(key, { ...old, position, deleted: true });
    return;
  }
  const value = (name: ValueName): string | null => (unchanged.includes(name) ? (old?.[name] ?? null) : event[name]);
  rows.set(key, { h, k, r, a: value("a"), b: value("b"), lob: value("lob"), position, deleted: false });
}
