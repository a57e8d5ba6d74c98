import { CdcError } from "../../lib/errors";
import { sleep } from "../../lib/retry";
import type { SnapshotContext, SnapshotProgress, SnapshotTable } from "../run/snapshot-context";
import { ChunkSize } from "./chunk-size";
import { SourceBehind, TableCopier } from "./table-copier";
import { readSourceKey } from "./source-key";
import { tableReader } from "./table-reader";
import { deleteUnseen } from "./unseen-rows";

/** How long a server that answers after a failover may need to have all that the other one had. */
const BEHIND_MS = 60_000;
const BEHIND_PAUSE_MS = 500;

/**
 * Copies a table in chunks, each in a transaction with its progress: an interruption repeats one chunk at most. The rows
 * of a chunk count as read where the capture was before they were read, so what the stream merges beside wins where it
 * is newer and is applied again where it isn't. At the end rows that were not seen are deleted.
 * @throws CdcError `CDC_SNAPSHOT_NO_KEY`; `CDC_SOURCE_REWOUND` when the source's log stays behind where the table joined
 *   the stream; else as the databases tell; the signal's reason when it is aborted.
 */
export const snapshotTable: SnapshotTable = async (context, from) => {
  let progress = from;
  if (progress.phase === "rows" || progress.phase === "columns") progress = await copyAll(context, progress);
  if (progress.phase === "deletes") await deleteUnseen(context, progress);
};

async function copyAll(context: SnapshotContext, from: SnapshotProgress): Promise<SnapshotProgress> {
  const { config, instance, shape, signal } = context;
  const key = await readSourceKey(config, instance, signal);
  const reader = tableReader(shape, instance, key, from.phase === "columns" ? from.columns : undefined);
  const copier = new TableCopier(context, reader);
  const size = new ChunkSize(context.chunkRows, reader.hasLarge);
  let progress = await copier.begun(from);
  while (progress.phase === "rows" || progress.phase === "columns") {
    signal.throwIfAborted();
    const before = progress;
    const done = await patiently(context, () => copier.next(before, size.rows));
    progress = done.progress;
    size.took(done.rows, done.durationMs);
    await context.step("snapshotCommitted");
    context.moved(done.rows);
  }
  return progress;
}

async function patiently<T>({ signal, shape }: SnapshotContext, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + BEHIND_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const behind = behindOf(error);
      if (behind === undefined) throw error;
      if (Date.now() >= deadline) throw rewound(`${shape.schema}.${shape.table}`, behind);
      await sleep(BEHIND_PAUSE_MS, signal);
    }
  }
}

// The transaction that it ended may have wrapped it.
function behindOf(error: unknown): SourceBehind | undefined {
  if (error instanceof SourceBehind) return error;
  return error instanceof Error && error.cause instanceof SourceBehind ? error.cause : undefined;
}

function rewound(table: string, { maxLsn, expected }: SourceBehind): CdcError {
  return new CdcError(
    "CDC_SOURCE_REWOUND",
    `table ${table}: the source has captured up to ${maxLsn} only, less than the ${expected} that the stream has seen`,
    { hint: "The database was restored, or another server answers: copy its tables anew (`snapshot: when_needed`)." },
  );
}
