import type { SourceStatus } from "../databases/postgres/source-status";
import { CdcError } from "../lib/errors";
import { parseLsn, type Lsn } from "../model/lsn";
import type { SourceTopology } from "../model/topology";
import type { Poll } from "../stream/sources/capture-reader";
import type { DeployedTopology } from "./topology";

/** What a source says of itself. */
export interface LiveSource {
  /** Highest LSN that it has captured, 20 hex digits. */
  readonly maxLsn?: string;
  /** Age of the oldest captured transaction that is not in the sink; 0 when there is none. */
  readonly lagMs?: number;
  /** Why it couldn't be asked. */
  readonly error?: string;
}

/** Asks each source that is still deployed how far it is; never throws for one that can't be reached. */
export async function askLiveSources(
  statuses: readonly SourceStatus[],
  deployed: DeployedTopology,
  signal: AbortSignal,
): Promise<ReadonlyMap<SourceStatus, LiveSource>> {
  const { CaptureReader } = await import("../stream/sources/capture-reader");
  const { closePools } = await import("../databases/sqlserver/pool");
  const ask = async (place: SourceTopology, position: Lsn | undefined): Promise<Poll> => {
    const config = deployed.sourceConfig(place.connection, place.database);
    return new CaptureReader(config, place, { signal, timeoutMs: ANSWER_MS }).poll(position, undefined, 1);
  };
  const asked = statuses.map(async (status) => {
    const place = deployed.topology.sources.find((one) => nameOf(one, deployed) === status.source);
    if (place === undefined) return [];
    const position = parseLsn(status.position ?? "");
    return [[status, await answerOf(() => ask(place, position), position !== undefined)] as const];
  });
  try {
    return new Map((await Promise.all(asked)).flat());
  } finally {
    closePools();
  }
}

const ANSWER_MS = 15_000;

async function answerOf(ask: () => Promise<Poll>, hasPosition: boolean): Promise<LiveSource> {
  try {
    const { maxLsn, oldestPendingTime } = await ask();
    const lagMs = oldestPendingTime === undefined ? 0 : Math.max(0, Date.now() - oldestPendingTime.getTime());
    return { ...(maxLsn === undefined ? {} : { maxLsn }), ...(hasPosition ? { lagMs } : {}) };
  } catch (error) {
    if (!(error instanceof CdcError)) throw error;
    return { error: error.message };
  }
}

function nameOf({ connection, database }: SourceTopology, { serverName }: DeployedTopology): string {
  return `${serverName(connection)}/${database}`;
}
