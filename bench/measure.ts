import type { Bench, BenchContext, Figures, Limit, Variant } from "./bench";

/** What one variant took, in seconds. */
export interface Measurement {
  readonly bench: string;
  readonly variant: string;
  readonly min: number;
  readonly median: number;
  /** Median of the first variant is 1. */
  readonly ratio: number;
  /** Units of work per second at the median, such as `185,000 changes/s`. */
  readonly rate?: string;
  readonly figures: Figures;
  /** The bound and whether it holds. */
  readonly limit?: { readonly text: string; readonly holds: boolean };
}

const DEFAULT_RUNS = 5;

/** Runs every variant in turns and returns one measurement each. */
export async function measure(
  bench: Bench,
  context: BenchContext,
  runs = bench.runs ?? DEFAULT_RUNS,
): Promise<Measurement[]> {
  const times = new Map<Variant, number[]>(bench.variants.map((variant) => [variant, []]));
  const figures = new Map<Variant, Figures>();
  try {
    await bench.setUp?.(context);
    for (let turn = 0; turn < runs; turn++) {
      for (const variant of bench.variants) {
        await variant.prepare?.(context);
        times.get(variant)?.push(await timed(variant, context));
        if (turn === runs - 1) figures.set(variant, (await variant.figures?.(context)) ?? {});
      }
    }
  } finally {
    await bench.tearDown?.(context);
  }
  const baseline = median(times.get(bench.variants[0] as Variant) ?? []);
  return bench.variants.map((variant) =>
    measurementOf(bench, variant, times.get(variant) ?? [], baseline, figures.get(variant) ?? {}),
  );
}

/** Seconds that one run took. */
async function timed(variant: Variant, context: BenchContext): Promise<number> {
  const start = process.hrtime.bigint();
  await variant.run(context);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function measurementOf(bench: Bench, variant: Variant, times: readonly number[], baseline: number, figures: Figures) {
  const middle = median(times);
  const perSecond = (variant.work?.count ?? 0) / middle;
  return {
    bench: bench.name,
    variant: variant.name,
    min: Math.min(...times),
    median: middle,
    ratio: middle / baseline,
    figures,
    ...(variant.work && { rate: `${Math.round(perSecond).toLocaleString("en")} ${variant.work.unit}/s` }),
    ...(variant.limit && { limit: judge(variant.limit, middle, baseline, perSecond, figures) }),
  };
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** Compares what was measured with its bound; all parts of the bound must hold. */
export function judge(limit: Limit, seconds: number, baseline: number, perSecond: number, figures: Figures = {}) {
  const parts: [string, boolean][] = [];
  const { atMostSeconds, atMostRatio, atMostSecondsMore, atLeastPerSecond, atMostFigures = {} } = limit;
  if (atMostSeconds !== undefined) parts.push([`≤ ${atMostSeconds} s`, seconds <= atMostSeconds]);
  if (atMostRatio !== undefined) parts.push([`≤ ${atMostRatio}x`, seconds <= baseline * atMostRatio]);
  if (atMostSecondsMore !== undefined)
    parts.push([`≤ +${atMostSecondsMore} s`, seconds <= baseline + atMostSecondsMore]);
  if (atLeastPerSecond !== undefined)
    parts.push([`≥ ${atLeastPerSecond.toLocaleString("en")}/s`, perSecond >= atLeastPerSecond]);
  for (const [name, most] of Object.entries(atMostFigures))
    parts.push([`${name} ≤ ${most}`, Number(figures[name]) <= most]);
  return { text: parts.map(([text]) => text).join(", "), holds: parts.every(([, holds]) => holds) };
}
