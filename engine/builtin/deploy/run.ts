import { CdcError } from "../../../lib/errors";
import type { Project } from "../project";
import type { Properties } from "../protocol/struct";
import type { Snapshot } from "../state/snapshot";
import type { ConfigEntry } from "../stack-config";
import { matchesTarget, parseUrn } from "../urn";
import type { Reporter } from "./reporter";

/** How many failures the error of a run spells out; the events tell them all. */
const namedFailures = 10;

/** Thrown into work that may not begin because the run is stopping. */
export class Stopped extends Error {}

/** What all parts of a run share: its settings, its state, and whether it may go on. */
export class Run {
  readonly failures: { readonly urn: string | undefined; readonly message: string; readonly error: unknown }[] = [];
  outputs: Properties = {};
  private stopRequested = false;
  private cancelled = false;
  private active = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly onStop: (() => void)[] = [];
  private onIdle: (() => void)[] = [];

  constructor(
    readonly project: Project,
    readonly stack: string,
    readonly config: readonly ConfigEntry[],
    readonly snapshot: Snapshot,
    readonly reporter: Reporter,
    readonly preview: boolean,
    readonly parallel: number,
    private readonly targets: readonly string[] | undefined,
  ) {}

  get stopping(): boolean {
    return this.stopRequested;
  }

  get isTargeted(): boolean {
    return this.targets !== undefined && this.targets.length > 0;
  }

  /** Whether a resource is meant by this run. */
  includes(urn: string): boolean {
    return !this.isTargeted || (this.targets ?? []).some((target) => matchesTarget(urn, target));
  }

  /** Does work when a place is free. Throws {@link Stopped} when the run stops before. */
  async limited<T>(work: () => Promise<T>): Promise<T> {
    if (this.active >= this.parallel) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.active += 1;
    try {
      this.checkGoing();
      return await work();
    } finally {
      this.release();
    }
  }

  /** Throws {@link Stopped} when nothing new may begin. */
  checkGoing(): void {
    if (this.stopRequested) throw new Stopped("the run is stopping");
  }

  /** Records a failure. A preview goes on to find more; anything else stops. */
  fail(error: unknown, urn?: string): void {
    if (error instanceof Stopped) return;
    if (isStateWrite(error)) return this.failState(error);
    const message = this.reporter.redact(error instanceof Error ? error.message : String(error));
    this.failures.push({ urn, message, error });
    this.reporter.note("error", urn === undefined ? message : `${label(urn)}: ${message}`, urn);
    if (!this.preview || urn === undefined) this.stop();
  }

  /** The state cannot be kept: nothing may go on, and one such message is enough. */
  private failState(error: CdcError): void {
    if (this.failures.some((failure) => isStateWrite(failure.error))) return;
    this.failures.unshift({ urn: undefined, message: error.message, error });
    this.reporter.note("error", error.message);
    this.stop();
  }

  /** Lets what is under way finish and begins nothing new. */
  cancel(): void {
    this.cancelled = true;
    this.stop();
  }

  /** Resolves when the run begins to stop. */
  whenStopping(): Promise<void> {
    return this.stopRequested ? Promise.resolve() : new Promise((resolve) => this.onStop.push(resolve));
  }

  /** Resolves when nothing is under way. */
  whenIdle(): Promise<void> {
    return this.active === 0 ? Promise.resolve() : new Promise((resolve) => this.onIdle.push(resolve));
  }

  /** Throws the `CdcError` that says why the run did not succeed, if it did not. */
  throwIfFailed(what: string): void {
    if (this.failures.length > 0) throw this.failure(what);
    if (this.cancelled) {
      throw new CdcError("CDC_CANCELLED", `${what} of ${this.stack} was interrupted`, {
        hint: "What was under way was finished and saved: run the command again to go on.",
      });
    }
  }

  private failure(what: string): CdcError {
    const [first] = this.failures;
    const isAlone = this.failures.length === 1 || isStateWrite(first?.error);
    if (isAlone && first?.error instanceof CdcError && first.urn === undefined) return first.error;
    const all = this.failures.map(({ urn, message }) => (urn === undefined ? message : `${label(urn)}: ${message}`));
    const rest = all.length > namedFailures ? [`and ${all.length - namedFailures} more`] : [];
    const lines = [...all.slice(0, namedFailures), ...rest];
    const hint = this.preview
      ? "Mend the causes and run the preview again; nothing was changed."
      : "Mend the cause and run the command again; what was done is kept in the state.";
    return new CdcError("CDC_DEPLOYMENT_FAILED", `${what} of ${this.stack} failed: ${lines.join("; ")}`, { hint });
  }

  private stop(): void {
    if (this.stopRequested) return;
    this.stopRequested = true;
    for (const listener of this.onStop) listener();
  }

  private release(): void {
    const next = this.waiting.shift();
    if (next) return next();
    this.active -= 1;
    if (this.active > 0) return;
    for (const listener of this.onIdle) listener();
    this.onIdle = [];
  }
}

function isStateWrite(error: unknown): error is CdcError {
  return error instanceof CdcError && error.code === "CDC_STATE_WRITE";
}

/** A resource as people know it. */
export function label(urn: string): string {
  const { type, name } = parseUrn(urn);
  return `${name} (${type})`;
}
