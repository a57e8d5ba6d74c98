import type { StreamStatus } from "../../stream/stream-events";

/** Over how long a rate is taken. */
const SPAN_MS = 5_000;

interface Sample {
  readonly atMs: number;
  readonly events: number;
}

/** Changes per second of each source over the last seconds, from counts that are looked at now and then. */
export class SourceRates {
  private readonly samples = new Map<string, Sample[]>();

  /** Takes a look; answers the rates by source. */
  take({ sources }: StreamStatus, nowMs: number): ReadonlyMap<string, number> {
    const rates = sources.map(({ source, events }) => {
      const recent = (this.samples.get(source) ?? []).filter(({ atMs }) => nowMs - atMs <= SPAN_MS);
      recent.push({ atMs: nowMs, events });
      this.samples.set(source, recent);
      const first = recent[0] ?? { atMs: nowMs, events };
      const seconds = (nowMs - first.atMs) / 1000;
      return [source, seconds === 0 ? 0 : (events - first.events) / seconds] as const;
    });
    return new Map(rates);
  }
}
