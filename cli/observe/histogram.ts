import type { MetricSample } from "./exposition";

/** Upper bounds in seconds, from a window of a few rows to one that a lock holds up. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Durations counted by size, as Prometheus wants a histogram. */
export class DurationHistogram {
  private readonly buckets = BOUNDS.map(() => 0);
  private sum = 0;
  private count = 0;

  /** Counts one. */
  add(seconds: number): void {
    this.sum += seconds;
    this.count += 1;
    const index = BOUNDS.findIndex((bound) => seconds <= bound);
    if (index >= 0) this.buckets[index] = (this.buckets[index] ?? 0) + 1;
  }

  /** Its lines, buckets cumulated; none before the first duration. */
  samples(labels: Readonly<Record<string, string>>): MetricSample[] {
    if (this.count === 0) return [];
    let below = 0;
    const buckets = BOUNDS.map((bound, index) => {
      below += this.buckets[index] ?? 0;
      return { suffix: "_bucket", labels: { ...labels, le: String(bound) }, value: below };
    });
    return [
      ...buckets,
      { suffix: "_bucket", labels: { ...labels, le: "+Inf" }, value: this.count },
      { suffix: "_sum", labels, value: this.sum },
      { suffix: "_count", labels, value: this.count },
    ];
  }
}
