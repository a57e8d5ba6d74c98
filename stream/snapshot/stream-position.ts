import { parseLsn, type Lsn } from "../../model/lsn";
import { STREAM_POSITION } from "../../sql/snapshot-statements";
import type { PgClient } from "../sinks/session";

/** LSN up to which a stream has brought the changes of a source; undefined when none has run. */
export async function streamPosition(client: PgClient, pipeline: string, source: string): Promise<Lsn | undefined> {
  const { rows } = await client.query<{ position: string | null }>(STREAM_POSITION, [pipeline, source]);
  return parseLsn(rows[0]?.position ?? "");
}
