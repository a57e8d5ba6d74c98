import type { MsSqlConfig } from "../../databases/sqlserver/config";
import type { TableShape } from "../../model/table-shape";
import type { PreparedSelect } from "../../sql/sqlserver/snapshot-statements";
import { PageFull } from "../json/change-lines";
import type { LineAbout } from "../json/line-about";
import { LinePage } from "../json/line-page";
import { RowLines } from "../json/row-lines";
import { readChunk, readMaxLsn, readSelect, takeSelect, withSession, type ReadPage } from "../snapshot/page-reader";
import { chunkPosition } from "../snapshot/read-event";
import { readSourceKey } from "../snapshot/source-key";
import { SourceBehind } from "../snapshot/table-copier";
import { tableReader } from "../snapshot/table-reader";
import type { CaptureInstance } from "../sources/capture-instance";
import type { FollowSnapshot } from "./state";

/** What is copied, and from where on. */
export interface ChunkOptions {
  readonly config: MsSqlConfig;
  readonly signal: AbortSignal;
  readonly shape: TableShape;
  readonly instance: CaptureInstance;
  readonly about: LineAbout;
  readonly snapshot: FollowSnapshot;
  readonly rows?: number;
}

/** Rows of a chunk as lines, and where the next one begins. */
export interface SnapshotChunk {
  readonly lines: Buffer;
  readonly count: number;
  /** Undefined when no row is left. */
  readonly next: FollowSnapshot | undefined;
}

const CHUNK_ROWS = 5_000;
const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * The next rows of a table in the order of its key. Each has the place up to which it may have been changed when it was
 * read: changes at or before it are in the row already.
 * @throws CdcError `CDC_SNAPSHOT_NO_KEY`, `CDC_SNAPSHOT_BEHIND`; else as `toCdcError`.
 */
export async function snapshotChunk(options: ChunkOptions): Promise<SnapshotChunk> {
  const { config, signal, shape, instance, about, snapshot, rows = CHUNK_ROWS } = options;
  const key = await readSourceKey(config, instance, signal);
  const reader = tableReader(shape, instance, key);
  const names = key.columns.map(({ name }) => name);
  const isSame = JSON.stringify(names) === JSON.stringify(snapshot.key);
  const object = { object: `table ${instance.schema}.${instance.table}`, signal };
  const page = new LinePage();
  const done = await withSession(config, object, async (session) => {
    const maxLsn = await readMaxLsn(session, object);
    if (maxLsn < snapshot.joinedAt) throw new SourceBehind(maxLsn, snapshot.joinedAt);
    const lines = new RowLines(
      { about, reader, position: chunkPosition(maxLsn), snapshotId: snapshot.id },
      page,
      CHUNK_BYTES,
    );
    const read = async (select: PreparedSelect): Promise<ReadPage> => {
      const before = lines.rows;
      if (!(await takeSelect(session, select, lines, object)))
        for await (const batch of readSelect(session, select, object)) for (const row of batch) lines.text(row);
      return pageOf(lines.rows - before, lines.last());
    };
    try {
      return await readChunk(reader.pages, isSame ? snapshot.last : undefined, rows, read);
    } catch (error) {
      if (!(error instanceof PageFull)) throw error;
      const last = lines.last();
      return { rows: lines.rows, isEnd: false, ...(last === undefined ? {} : { last }) };
    }
  });
  const { id, joinedAt } = snapshot;
  const next = done.isEnd
    ? undefined
    : { id, joinedAt, key: names, ...(done.last === undefined ? {} : { last: done.last }) };
  return { lines: page.lines(0, page.count), count: page.count, next };
}

function pageOf(rows: number, last: ReadPage["last"]): ReadPage {
  return rows === 0 || last === undefined ? { rows } : { rows, last };
}
