import type { StreamEvent, StreamStatus } from "../../stream/stream-events";

/** Tells when a source begins to lag more than is allowed, and when it has caught up. */
export class LagWatch {
  private readonly late = new Set<string>();

  constructor(private readonly limitMs: number) {}

  /** What has changed since the last look. */
  take({ sources }: StreamStatus): StreamEvent[] {
    return sources.flatMap(({ source, lagMs = 0 }) => {
      const isLate = lagMs > this.limitMs;
      if (isLate === this.late.has(source)) return [];
      if (isLate) this.late.add(source);
      else this.late.delete(source);
      const limit = `${String(this.limitMs / 1000)} s`;
      const details = { lagSeconds: lagMs / 1000, limitSeconds: this.limitMs / 1000 };
      return isLate
        ? [{ level: "warn", event: "source.lagging", text: `lags more than ${limit}`, source, details } as const]
        : [
            {
              level: "info",
              event: "source.caught_up",
              text: `lags less than ${limit} again`,
              source,
              details,
            } as const,
          ];
    });
  }
}
