import type { SourceProgress, StreamEvent, StreamStatus } from "../../stream/stream-events";

/** Tells when a source begins to lag more than is allowed, and when it has caught up. */
export class LagWatch {
  private readonly late = new Set<string>();

  constructor(private readonly limitMs: number) {}

  /** What has changed since the last look. */
  take({ sources }: StreamStatus): StreamEvent[] {
    const changed = sources.filter(({ source, lagMs = 0 }) => lagMs > this.limitMs !== this.late.has(source));
    return changed.map((one) => this.turned(one));
  }

  private turned({ source, lagMs = 0 }: SourceProgress): StreamEvent {
    const limitSeconds = this.limitMs / 1000;
    const details = { lagSeconds: lagMs / 1000, limitSeconds };
    if (this.late.delete(source)) {
      const text = `lags less than ${String(limitSeconds)} s again`;
      return { level: "info", event: "source.caught_up", text, source, details };
    }
    this.late.add(source);
    return {
      level: "warn",
      event: "source.lagging",
      text: `lags more than ${String(limitSeconds)} s`,
      source,
      details,
    };
  }
}
