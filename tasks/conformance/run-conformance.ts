import { CASES } from "./cases";
import type { ConformanceCase } from "./conformance-case";
import { Kit } from "./kit";
import type { Subject } from "./subject";
import { CaseFailed, NotApplicable, type Outcome } from "./verdict";

/** What one case found. */
export interface CaseResult {
  readonly name: string;
  readonly proves: string;
  readonly outcome: Outcome;
  /** Why it failed, or isn't applicable. */
  readonly reason?: string;
  readonly durationMs: number;
}

/** What all cases found. */
export interface ConformanceReport {
  readonly passed: number;
  readonly failed: number;
  readonly notApplicable: number;
  readonly cases: readonly CaseResult[];
}

/** How the cases are run. */
export interface ConformanceOptions {
  /** Only cases whose name contains it. */
  readonly only?: string | undefined;
  /** Cases that run at the same time; 1 unless several of the provider may (it may hold a lease). */
  readonly atOnce?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onCase?: ((result: CaseResult) => void) | undefined;
}

/** Puts a provider through every case that is for it. */
export async function runConformance(subject: Subject, options: ConformanceOptions = {}): Promise<ConformanceReport> {
  const kit = new Kit(subject);
  const all = casesFor(subject, options.only);
  const cases: CaseResult[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < all.length; at = next++) {
      options.signal?.throwIfAborted();
      const result = await runCase(kit.forCase(), all[at] as ConformanceCase);
      cases[at] = result;
      options.onCase?.(result);
    }
  };
  await Promise.all(Array.from({ length: atOnceOf(subject, options) }, work));
  const count = (outcome: Outcome): number => cases.filter((one) => one.outcome === outcome).length;
  return { passed: count("passed"), failed: count("failed"), notApplicable: count("not applicable"), cases };
}

/** What makes and removes things can't be tried twice at the same time. */
function atOnceOf({ infrastructure }: Subject, { atOnce = 1 }: ConformanceOptions): number {
  return infrastructure ? 1 : atOnce;
}

/** The cases for a provider's roles. */
export function casesFor(
  { role, infrastructure }: Pick<Subject, "role" | "infrastructure">,
  only = "",
): readonly ConformanceCase[] {
  const roles = ["any", role, ...(infrastructure ? ["infrastructure"] : [])];
  return CASES.filter((one) => roles.includes(one.role) && one.name.includes(only));
}

async function runCase(kit: Kit, { name, proves, run }: ConformanceCase): Promise<CaseResult> {
  const startedMs = Date.now();
  const found = await outcomeOf(() => run(kit));
  await kit.clean();
  return { name, proves, ...found, durationMs: Date.now() - startedMs };
}

async function outcomeOf(run: () => Promise<unknown>): Promise<Pick<CaseResult, "outcome" | "reason">> {
  try {
    await run();
    return { outcome: "passed" };
  } catch (error) {
    if (error instanceof NotApplicable) return { outcome: "not applicable", reason: error.message };
    if (error instanceof CaseFailed) return { outcome: "failed", reason: error.message };
    throw error;
  }
}
