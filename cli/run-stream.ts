import { packageVersion } from "../lib/package-root";
import type { SnapshotMode } from "../model/topology";
import type { StreamOptions, StreamResult, StreamRun } from "../stream/run/options";
import type { StreamEvent, StreamStatus } from "../stream/stream-events";
import type { Context } from "./context";
import { EXIT } from "./exit-code";
import { exposition } from "./observe/exposition";
import { liveness, readiness } from "./observe/health";
import { LagWatch } from "./observe/lag-watch";
import type { ListenAddress } from "./observe/listen-address";
import { StreamObserver } from "./observe/observer";
import { SinceStart } from "./observe/since-start";
import { serveObserved, type ObserveServer } from "./observe/server";
import { streamMetrics } from "./observe/stream-metrics";
import { redactor } from "./print/redact";
import type { LogLevel } from "./print/stream-log";
import { openStreamDisplay } from "./stream-display";
import { streamPlan, type StreamPlan } from "./stream-plan";
import { isUseless, verdictOf, withHint } from "./stream-verdict";

/** Options of `cdc run`. */
export interface RunStreamFlags {
  readonly pipeline: string;
  readonly source?: readonly string[];
  readonly database?: string;
  readonly once?: boolean;
  readonly snapshot?: SnapshotMode;
  readonly strict?: boolean;
  readonly logLevel: LogLevel;
  readonly pollMaxMs?: number;
  readonly writers?: number;
  readonly health?: ListenAddress;
  /** Seconds. */
  readonly lagLimit?: number;
}

/** A stream promises to end 5 s after the signal; what is left of them goes to the process's own end. */
const STOP_MS = 4_500;
const LOOK_MS = 1_000;

/** Runs a stack's stream until it is stopped, shown and observed, and sets the exit code. */
export async function runStream(context: Context, flags: RunStreamFlags, signal: AbortSignal): Promise<void> {
  const plan = await streamPlan(context, flags);
  if (signal.aborted) return;
  const { Stream } = await import("../stream/run/stream");
  const end = new AbortController();
  const take = (event: StreamEvent) => {
    observer.take(event);
    since.take(event, status);
    display.event(withHint(event, status));
  };
  const options = optionsOf(plan, flags, AbortSignal.any([signal, end.signal]), take);
  const stream: StreamRun = new Stream(options);
  const status = (): StreamStatus => stream.status();
  const redact = redactor(context.io.env, plan.secrets);
  const observer = new StreamObserver(status);
  const server = flags.health === undefined ? undefined : await serve(flags.health, flags, status, observer, redact);
  const since = new SinceStart();
  const shown = { pipeline: flags.pipeline, level: flags.logLevel, status: () => since.of(status()), redact };
  const display = openStreamDisplay(context, shown);
  if (server !== undefined) take(listening(server));
  observer.start();
  const watch = watchStream(flags, status, take, end);
  let result: StreamResult | undefined;
  try {
    result = await inTime(stream.run(), signal);
    if (result === undefined) take(TOO_LATE);
  } finally {
    clearInterval(watch);
    observer.stop();
    display.end(result === undefined ? undefined : { ...result, status: since.of(result.status) });
    await server?.close();
    await closeConnections();
  }
  context.exitWith(result === undefined ? EXIT.interrupted : verdictOf(result, flags));
}

function optionsOf(
  plan: StreamPlan,
  flags: RunStreamFlags,
  signal: AbortSignal,
  onEvent: (event: StreamEvent) => void,
): StreamOptions {
  const { secrets: _secrets, ...places } = plan;
  return {
    ...places,
    pipeline: flags.pipeline,
    signal,
    onEvent,
    ...(flags.snapshot === undefined ? {} : { snapshot: flags.snapshot }),
    ...(flags.pollMaxMs === undefined ? {} : { pollMs: { max: flags.pollMaxMs } }),
    ...(flags.writers === undefined ? {} : { writers: flags.writers }),
    ...(flags.once === true ? { once: true } : {}),
  };
}

function serve(
  at: ListenAddress,
  { lagLimit }: RunStreamFlags,
  status: () => StreamStatus,
  observer: StreamObserver,
  redact: (text: string) => string,
): Promise<ObserveServer> {
  return serveObserved(at, {
    liveness: () => liveness(observer),
    readiness: () => readiness(status(), lagLimit === undefined ? undefined : lagLimit * 1000),
    metrics: () => exposition(streamMetrics(status(), observer, packageVersion())),
    redact,
  });
}

function listening({ address }: ObserveServer): StreamEvent {
  const text = `http://${address}/healthz, /readyz and /metrics are served`;
  return { level: "info", event: "health.listening", text, details: { address } };
}

/** Tells of sources that lag, and ends a stream that can do nothing more: a restart, or a person, has to help. */
function watchStream(
  { lagLimit }: RunStreamFlags,
  status: () => StreamStatus,
  take: (event: StreamEvent) => void,
  end: AbortController,
): NodeJS.Timeout {
  const lags = lagLimit === undefined ? undefined : new LagWatch(lagLimit * 1000);
  // Keeps the process alive: a stream that only waits may have nothing else.
  return setInterval(() => {
    const now = status();
    for (const event of lags?.take(now) ?? []) take(event);
    if (isUseless(now)) end.abort();
  }, LOOK_MS);
}

/** The result; undefined when it doesn't come in time after the signal. */
async function inTime(running: Promise<StreamResult>, signal: AbortSignal): Promise<StreamResult | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    const start = () => {
      timer = setTimeout(() => resolve(undefined), STOP_MS);
    };
    signal.addEventListener("abort", start, { once: true });
    if (signal.aborted) start();
  });
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}

const TOO_LATE: StreamEvent = {
  level: "error",
  event: "stream.cut_off",
  text: "the stream did not stop within 5 s: what was under way is rolled back, and the next start goes on where it was",
};

async function closeConnections(): Promise<void> {
  const { closePools } = await import("../databases/sqlserver/pool");
  closePools();
}
