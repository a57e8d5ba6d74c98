import type { MsSqlConfig } from "../databases/sqlserver/config";
import type { StreamOptions } from "../stream/run/options";
import { Stream } from "../stream/run/stream";
import type { StreamStatus } from "../stream/stream-events";

/** The first message to the process: what to stream. */
export interface StreamOrder {
  /** The server; a source's database takes the place of its own. */
  readonly server: MsSqlConfig;
  readonly options: Pick<StreamOptions, "topology" | "sink" | "snapshot" | "once">;
}

/** What the process tells when it is asked, and at its end. */
export interface StreamReport {
  readonly status: StreamStatus;
  readonly ended: boolean;
  /** Looks at the sources so far. */
  readonly polls: number;
  /** Microseconds of processor time, and bytes of resident memory. */
  readonly cpu: NodeJS.CpuUsage;
  readonly rss: number;
  /** Most resident memory since its start, in kilobytes. */
  readonly maxRss: number;
}

/** The product alone, as `cdc run` has it: `startStream` starts it, any further message asks for a report or stops it. */
async function main({ server, options }: StreamOrder): Promise<void> {
  const control = new AbortController();
  let polls = 0;
  const stream = new Stream({
    pipeline: "stream",
    sourceConfig: (_connection, database) => ({ ...server, database }),
    serverName: () => "main",
    signal: control.signal,
    onStep: (step) => {
      if (step === "polled") polls += 1;
    },
    onEvent: ({ level, text }) => {
      if (level === "warn" || level === "error") console.error(text);
    },
    ...options,
  });
  const report = (ended: boolean): void => {
    const { rss } = process.memoryUsage();
    const { maxRSS: maxRss } = process.resourceUsage();
    const found: StreamReport = { status: stream.status(), ended, polls, cpu: process.cpuUsage(), rss, maxRss };
    process.send?.(found);
  };
  process.on("message", (message) => {
    if (message === "stop") control.abort();
    else report(false);
  });
  // Whoever started it is gone, so nobody needs it.
  process.on("disconnect", () => process.exit(0));
  await stream.run();
  report(true);
}

process.once("message", (order: StreamOrder) => {
  void main(order);
});
