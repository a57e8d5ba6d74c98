import type { Lsn } from "../../model/lsn";
import type { SourceProgress, StreamEvent, StreamStatus } from "../../stream/stream-events";
import { DurationHistogram } from "./histogram";

/** How long every source may fail before the process counts as unhealthy. */
const FAILING_MS = 30_000;
/** A timer that is so late means that the event loop stood still. */
const STUCK_MS = 10_000;
/** How long after it a standstill is told. */
const STUCK_TOLD_MS = 30_000;
const TICK_MS = 1_000;

/** What only the passing of time and events tell, beside a stream's status. */
export class StreamObserver {
  readonly commits = new DurationHistogram();
  readonly retries = new Map<string, number>();
  readonly startedMs: number;
  private readonly moved = new Map<string, { readonly position: Lsn | undefined; readonly sinceMs: number }>();
  private failingSinceMs: number | undefined;
  private lastTickMs: number;
  private stuck: { readonly forMs: number; readonly atMs: number } | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly read: () => StreamStatus,
    private readonly now: () => number = Date.now,
  ) {
    this.startedMs = now();
    this.lastTickMs = this.startedMs;
  }

  /** Looks every second from now on; `stop` ends it. */
  start(): void {
    this.timer = setInterval(() => {
      this.tick();
    }, TICK_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** One look, as the timer does. */
  tick(): void {
    const nowMs = this.now();
    const lateMs = nowMs - this.lastTickMs - TICK_MS;
    if (lateMs > STUCK_MS) this.stuck = { forMs: lateMs, atMs: nowMs };
    this.lastTickMs = nowMs;
    const { sources } = this.read();
    this.failingSinceMs = sources.length > 0 && sources.every(isFailing) ? (this.failingSinceMs ?? nowMs) : undefined;
    for (const { source, position } of sources) {
      const known = this.moved.get(source);
      if (known === undefined || known.position !== position) this.moved.set(source, { position, sinceMs: nowMs });
    }
  }

  /** Takes what the stream tells. */
  take({ event, source = "", details = {} }: StreamEvent): void {
    if (event === "source.retry") this.retries.set(source, (this.retries.get(source) ?? 0) + 1);
    const durationMs = details["durationMs"];
    if (event === "window.committed" && typeof durationMs === "number") this.commits.add(durationMs / 1000);
  }

  /** Seconds since a source's position was seen to move; undefined before the first look. */
  positionAgeSeconds(source: string): number | undefined {
    const known = this.moved.get(source);
    return known === undefined ? undefined : Math.max(0, this.now() - known.sinceMs) / 1000;
  }

  /** How late the timer is now, or was when it stood still a moment ago. */
  loopDelaySeconds(): number {
    return Math.max(0, this.now() - this.lastTickMs - TICK_MS) / 1000;
  }

  /** Why the process should be started again; empty when it is well. */
  sickness(): string[] {
    const nowMs = this.now();
    const failingMs = this.failingSinceMs === undefined ? 0 : nowMs - this.failingSinceMs;
    const failing = failingMs < FAILING_MS ? [] : [`every source has failed for ${seconds(failingMs)}`];
    const stuck = this.stuck === undefined || nowMs - this.stuck.atMs > STUCK_TOLD_MS ? undefined : this.stuck;
    return [...failing, ...(stuck === undefined ? [] : [`the event loop stood still for ${seconds(stuck.forMs)}`])];
  }
}

/** True for a source that moves nothing, though it should. */
export function isFailing({ state }: SourceProgress): boolean {
  return state === "retrying" || state === "stopped";
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(0)} s`;
}
