import type { SourceProgress, StreamEvent, StreamStatus, TableProgress } from "../../stream/stream-events";

type SourceCounts = Pick<SourceProgress, "events" | "transactions">;
type TableCounts = Pick<TableProgress, "events" | "snapshotRows">;

/** Counts what a process did itself: a stream's status counts from the beginning of the pipeline. */
export class SinceStart {
  private readonly sources = new Map<string, SourceCounts>();
  private readonly tables = new Map<string, TableCounts>();

  /** Takes the counts of a source that begins to be read for the first time. */
  take({ event, source }: StreamEvent, status: () => StreamStatus): void {
    if (event !== "source.started" || source === undefined || this.sources.has(source)) return;
    const { sources, tables } = status();
    for (const one of sources) if (one.source === source) this.sources.set(source, one);
    for (const one of tables) if (one.source === source) this.tables.set(keyOf(one), one);
  }

  /** The status with the counts since then; 0 of a source that was not read yet. */
  of(status: StreamStatus): StreamStatus {
    return {
      ...status,
      sources: status.sources.map((one) => {
        const before = this.sources.get(one.source) ?? one;
        const [events, transactions] = [one.events - before.events, one.transactions - before.transactions];
        return { ...one, events, transactions };
      }),
      tables: status.tables.map((one) => {
        const before = this.tables.get(keyOf(one)) ?? NOTHING;
        // A snapshot that was begun anew counts from 0.
        const snapshotRows = one.snapshotRows - (one.snapshotRows < before.snapshotRows ? 0 : before.snapshotRows);
        return { ...one, events: one.events - before.events, snapshotRows };
      }),
    };
  }
}

const NOTHING: TableCounts = { events: 0, snapshotRows: 0 };

function keyOf({ source, schema, table }: TableProgress): string {
  return JSON.stringify([source, schema, table]);
}
