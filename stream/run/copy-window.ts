import { openCopy } from "../../databases/postgres/copy";
import { copyIntoStaging } from "../../sql/load-statements";
import { stagingColumnsOf } from "../copy/change-copier";
import type { PgClient } from "../sinks/session";
import { StreamFailure } from "./failures";
import type { TableRun } from "./table-run";
import type { FedRead, WindowFeed } from "./window-feed";

/** What came into staging for a table. */
export interface Staged {
  readonly events: number;
  readonly dead: number;
}

/** Copies what the feed brings into staging, table by table. @throws StreamFailure of the side that failed. */
export async function copyWindow(
  client: PgClient,
  feed: WindowFeed,
  copied: (table: TableRun) => Promise<void>,
): Promise<ReadonlyMap<TableRun, Staged>> {
  const staged = new Map<TableRun, Staged>();
  for (const fed of feed.reads) {
    const { table } = fed.read;
    const hasRows = await copyRead(client, fed, feed);
    if (feed.failed) await feed.finished;
    if (!hasRows) continue;
    const events = (staged.get(table)?.events ?? 0) + (fed.copied?.events ?? 0);
    staged.set(table, { events, dead: 0 });
    await copied(table);
  }
  return staged;
}

/** False when there was nothing to copy. */
async function copyRead(client: PgClient, { read, chunks }: FedRead, feed: WindowFeed): Promise<boolean> {
  const { shape, name } = read.table;
  const first = await chunks.next();
  if (first === undefined) return false;
  const copy = openCopy(client, copyIntoStaging(shape, stagingColumnsOf(shape)));
  try {
    for (let chunk: Buffer | undefined = first; chunk !== undefined; chunk = await chunks.next()) {
      await copy.write(chunk);
    }
    if (feed.failed) await copy.abort("the source failed");
    else await copy.finish();
    return true;
  } catch (error) {
    throw new StreamFailure("sink", name, error);
  }
}
