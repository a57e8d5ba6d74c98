import type { Client } from "pg";
import type { StreamChild } from "./stream-child";

/** What everybody can see in the sink. */
export interface SinkState {
  readonly events: number;
  readonly transactions: number;
  /** Age of the newest transaction that is in the sink; of the oldest one that isn't while changes keep coming. */
  readonly lagSeconds: number;
}

const STATE = `SELECT coalesce(sum(s.events), 0) AS events, coalesce(sum(s.transactions), 0) AS transactions,
  extract(epoch FROM clock_timestamp() - min(s.commit_time)) AS lag FROM cdc_management.sources AS s`;
const LOOK_MS = 50;
/** A stream that needs longer has stopped, and has said why. */
const PATIENCE_MS = 180_000;

/** How far the sink is, by its own tables and not by what the stream says. */
export async function sinkState(client: Client): Promise<SinkState> {
  const { rows } = await client.query<{ events: string; transactions: string; lag: string | null }>(STATE);
  const [row] = rows;
  return { events: Number(row?.events), transactions: Number(row?.transactions), lagSeconds: Number(row?.lag ?? 0) };
}

/** Waits until so many transactions of the sources are in the sink. Throws when they don't come. */
export async function whenArrived(client: Client, transactions: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { transactions: found } = await sinkState(client);
    if (found >= transactions) return;
    if (Date.now() > deadline) throw new Error(`${found} transactions of ${transactions} have arrived`);
    await pause(LOOK_MS);
  }
}

/** Waits until all snapshots are done. */
export async function whenStreaming(stream: StreamChild): Promise<void> {
  for (;;) {
    const { status } = await stream.report();
    if (status.tables.length > 0 && status.tables.every(({ state }) => state === "streaming")) return;
    await pause(LOOK_MS);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
