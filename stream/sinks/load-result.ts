/** What one merge did with what was staged. */
export interface MergeCounts {
  readonly staged: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** Older than what the sink had, or repeated. */
  readonly skipped: number;
  /** Rows that the merge itself moved to the dead letters. */
  readonly dead: number;
}

/** What no merge did. */
export const NO_COUNTS: MergeCounts = { staged: 0, inserted: 0, updated: 0, deleted: 0, skipped: 0, dead: 0 };

/** Sums up, field by field. */
export function addCounts(a: MergeCounts, b: MergeCounts): MergeCounts {
  return {
    staged: a.staged + b.staged,
    inserted: a.inserted + b.inserted,
    updated: a.updated + b.updated,
    deleted: a.deleted + b.deleted,
    skipped: a.skipped + b.skipped,
    dead: a.dead + b.dead,
  };
}

/** The merge procedure's `result`; a count that it doesn't tell is 0. */
export function countsOf(result: unknown): MergeCounts & { readonly remaining: number } {
  const counts = (result ?? {}) as Partial<Record<string, unknown>>;
  const of = (name: string): number => Number(counts[name] ?? 0);
  const { staged, inserted, updated } = { staged: of("staged"), inserted: of("inserted"), updated: of("updated") };
  return {
    staged,
    inserted,
    updated,
    deleted: of("deleted"),
    skipped: of("skipped"),
    dead: of("dead"),
    remaining: of("remaining"),
  };
}
