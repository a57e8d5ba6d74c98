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

/** Runs of a bench that names none. */
export const DEFAULT_RUNS = 5;

/** Runs every variant in turns and returns one measurement each. */
export async function measure(
  bench: Bench,
  context: BenchContext,
  runs = bench.runs ?? DEFAULT_RUNS,
): Promise<Measurement[]> {
  const missing = await findMissing(bench.variants);
  const present = bench.variants.filter((variant) => !missing.has(variant));
  const times = new Map<Variant, number[]>(bench.variants.map((variant) => [variant, []]));
  const figures = new Map<Variant, Figures>([...missing].map(([variant, reason]) => [variant, { "not run": reason }]));
  try {
    await bench.setUp?.(context);
    for (let turn = 0; turn < runs; turn++) {
      for (const variant of present) {
        await variant.prepare?.(context);
        times.get(variant)?.push(await timed(variant, context));
        if (turn === runs - 1) figures.set(variant, (await variant.figures?.(context)) ?? {});
      }
    }
  } finally {
    await bench.tearDown?.(context);
  }
  const medians = new Map(bench.variants.map((variant) => [variant.name, median(times.get(variant) ?? [])]));
  return bench.variants.map((variant) =>
    measurementOf(bench, variant, times.get(variant) ?? [], medians, figures.get(variant) ?? {}),
  );
}

async function findMissing(variants: readonly Variant[]): Promise<Map<Variant, string>> {
  const missing = new Map<Variant, string>();
  for (const variant of variants) {
    const reason = await variant.missing?.();
    if (reason !== undefined) missing.set(variant, reason);
  }
  return missing;
}

/** Seconds that one run took. */
async function timed(variant: Variant, context: BenchContext): Promise<number> {
  const start = process.hrtime.bigint();
  await variant.run(context);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function measurementOf(
  bench: Bench,
  variant: Variant,
  times: readonly number[],
  medians: ReadonlyMap<string, number>,
  figures: Figures,
): Measurement {
  const baseline = medians.get(bench.variants[0]?.name ?? "") ?? Number.NaN;
  const middle = median(times);
  const own = { bench: bench.name, variant: variant.name, median: middle, ratio: middle / baseline, figures };
  if (times.length === 0) return { ...own, min: Number.NaN };
  const perSecond = (variant.work?.count ?? 0) / middle;
  return {
    ...own,
    min: Math.min(...times),
    ...(variant.work && { rate: `${Math.round(perSecond).toLocaleString("en")} ${variant.work.unit}/s` }),
    ...(variant.limit && { limit: judge(variant.limit, middle, baseline, perSecond, figures, medians) }),
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
export function judge(
  limit: Limit,
  seconds: number,
  baseline: number,
  perSecond: number,
  figures: Figures = {},
  medians: ReadonlyMap<string, number> = new Map(),
) {
  const parts: [string, boolean][] = [];
  const { atMostSeconds, atMostRatio, atMostRatios = {}, atMostSecondsMore, atLeastPerSecond, atMostFigures } = limit;
  if (atMostSeconds !== undefined) parts.push([`≤ ${atMostSeconds} s`, seconds <= atMostSeconds]);
  if (atMostRatio !== undefined) parts.push([`≤ ${atMostRatio}x`, seconds <= baseline * atMostRatio]);
  for (const [name, most] of Object.entries(atMostRatios)) parts.push(against(name, most, seconds, medians.get(name)));
  if (atMostSecondsMore !== undefined)
    parts.push([`≤ +${atMostSecondsMore} s`, seconds <= baseline + atMostSecondsMore]);
  if (atLeastPerSecond !== undefined)
    parts.push([`≥ ${atLeastPerSecond.toLocaleString("en")}/s`, perSecond >= atLeastPerSecond]);
  for (const [name, most] of Object.entries(atMostFigures ?? {}))
    parts.push([`${name} ≤ ${most}`, Number(figures[name]) <= most]);
  return { text: parts.map(([text]) => text).join(", "), holds: parts.every(([, holds]) => holds) };
}

/** The ratio is told too: the table has a column only for that of the first variant. */
function against(name: string, most: number, seconds: number, other: number | undefined): [string, boolean] {
  if (other === undefined) throw new Error(`a limit names the variant ${name}, which there is not`);
  if (Number.isNaN(other)) return [`≤ ${most}x ${name} (not run)`, true];
  return [`≤ ${most}x ${name} (${(seconds / other).toFixed(2)}x)`, seconds <= other * most];
}
