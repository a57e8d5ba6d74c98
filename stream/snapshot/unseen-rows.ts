import { countBlocks, listUnseen, stageUnseen, type Unseen } from "../../sql/snapshot-statements";
import type { SnapshotContext, SnapshotProgress } from "../run/snapshot-context";
import type { PgClient } from "../sinks/session";
import { ChunkSize } from "./chunk-size";
import { mergeStaged } from "../sinks/merge-staged";
import { absentKeys } from "./absent-keys";
import { readPosition } from "./read-event";
import { readOwnRows } from "./own-rows";

/** Blocks looked through in one transaction at first. */
const FIRST_BLOCKS = 1_000;

/**
 * Deletes the rows that the snapshot and the stream beside it have not touched: what is older than the moment at which
 * the table joined the stream is no longer at the source. The deletes go through staging like any other, so that they are
 * remembered (or marked, with soft deletes) and lose against everything newer. In ranges of the table's blocks, which
 * may be gone through again: what was deleted isn't found twice.
 */
export async function deleteUnseen(context: SnapshotContext, from: SnapshotProgress): Promise<void> {
  let progress = from;
  const { blocks, unseen } = await context.write(async (client) => ({
    blocks: await blockCount(client, context),
    unseen: { shape: context.shape, own: await readOwnRows(client, context.shape) },
  }));
  const size = new ChunkSize(FIRST_BLOCKS);
  for (let block = 0; block < blocks;) {
    context.signal.throwIfAborted();
    const range = { from: block, to: block + size.rows };
    progress = await deleteRange(context, unseen, range, progress);
    block = range.to;
  }
  const { last: _last, ...rest } = progress;
  await context.write((_client, record) => record({ ...rest, phase: "done" }));
}

async function blockCount(client: PgClient, { shape }: SnapshotContext): Promise<number> {
  const { rows } = await client.query<{ blocks: string }>(countBlocks(shape));
  // Rows that come later are newer.
  return Number(rows[0]?.blocks ?? 0);
}

function deleteRange(
  context: SnapshotContext,
  unseen: Unseen,
  range: { readonly from: number; readonly to: number },
  before: SnapshotProgress,
): Promise<SnapshotProgress> {
  const { shape, pipeline } = context;
  const { schema, table, database } = shape.source;
  const position = readPosition(before.joinedAt);
  const tids = [`(${String(range.from)},0)`, `(${String(range.to)},0)`];
  const origin = [pipeline, database ?? null, `${schema}.${table}`];
  return context.write(async (client, record) => {
    if ((before.refused ?? 0) === 0) {
      await client.query(stageUnseen(unseen, false), [position, ...origin, ...tids]);
    } else {
      const { rows } = await client.query<Record<string, string>>(listUnseen(unseen), [position, ...tids]);
      const keys = rows.map((row) => shape.key.map((_name, index) => row[`k${String(index)}`] ?? ""));
      const gone = await absentKeys(context, keys);
      const columns = shape.key.map((_name, index) => gone.map((key) => key[index]));
      await client.query(stageUnseen(unseen, true), [position, ...origin, ...tids, ...columns]);
    }
    const { deleted } = await mergeStaged(client, shape);
    const progress = { ...before, deleted: before.deleted + deleted };
    await record(progress);
    await context.step("snapshotReconciled");
    return progress;
  });
}
