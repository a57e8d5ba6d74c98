import { errorCode } from "../../databases/postgres/errors";
import { sleep } from "../../lib/retry";
import type { Lsn } from "../../model/lsn";
import type { PgClient } from "../sinks/session";
import { streamPosition } from "../snapshot/stream-position";

const POLL_MS = 200;
const NO_SUCH_TABLE = "42P01";

/**
 * Waits until the stream has brought the changes of a table up to an LSN.
 * @returns what was in the way, when there was something.
 */
export async function waitForStream(
  client: PgClient,
  { pipeline, signal }: { readonly pipeline: string; readonly signal?: AbortSignal },
  source: string,
  target: Lsn | undefined,
  deadline: number,
): Promise<string | undefined> {
  if (target === undefined) return undefined;
  for (;;) {
    const position = await positionOf(client, pipeline, source);
    if (position === undefined) return `no stream of pipeline ${pipeline} has brought changes of ${source}`;
    if (position >= target) return undefined;
    if (Date.now() >= deadline)
      return `the stream has brought the changes of ${source} up to ${position} only, and ${target} is captured: what differs may be on its way`;
    await sleep(POLL_MS, signal);
  }
}

async function positionOf(client: PgClient, pipeline: string, source: string): Promise<Lsn | undefined> {
  try {
    return await streamPosition(client, pipeline, source);
  } catch (error) {
    // A management schema of before the stream.
    if (errorCode(error) === NO_SUCH_TABLE) return undefined;
    throw error;
  }
}
