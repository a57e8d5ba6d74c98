import type { EngineEvent, Operation, RunKind, RunOptions, RunResult } from "../../stack";
import type { Properties } from "../protocol/struct";
import type { ResourceState } from "../state/resource-state";
import { parseUrn } from "../urn";
import { changedNames, shown } from "../values";

/** Shorter secrets would blank out ordinary words. */
const minimumSecretLength = 4;

/** What is told about one resource. */
export interface Told {
  readonly urn: string;
  readonly type: string;
  readonly operation: Operation;
  readonly old?: ResourceState | undefined;
  readonly news?: ResourceState | undefined;
  /** The names that differ; found by comparison when not given. */
  readonly changed?: readonly string[];
  readonly since: number;
}

/** Turns what happens in a run into events and counts, with no secret in either. */
export class Reporter {
  private readonly counts = new Map<Operation, number>();
  private readonly begun = performance.now();

  constructor(
    private readonly onEvent: RunOptions["onEvent"],
    private readonly secrets: readonly string[],
  ) {}

  start(operation: RunKind, stack: string, resources: number): void {
    this.onEvent?.({ kind: "start", operation, stack, resources });
  }

  /** Says that an operation on a resource begins; returns the time for {@link Told.since}. */
  begin(urn: string, type: string, operation: Operation): number {
    this.onEvent?.({ kind: "resource-start", urn, type, operation });
    return performance.now();
  }

  /** Says what became of a resource, and counts it. */
  tell(told: Told): void {
    const { urn, type, operation } = told;
    this.counts.set(operation, (this.counts.get(operation) ?? 0) + 1);
    if (this.onEvent === undefined) return;
    const durationMs = performance.now() - told.since;
    const name = parseUrn(urn).name;
    const properties = operation === "same" ? {} : this.properties(told);
    this.onEvent({ kind: "resource", urn, type, name, operation, ...properties, durationMs });
  }

  note(severity: "info" | "warning" | "error", message: string, urn?: string): void {
    const event: EngineEvent = { kind: "diagnostic", severity, message: this.redact(message) };
    this.onEvent?.(urn === undefined || urn === "" ? event : { ...event, urn });
  }

  /** The text without any secret of the configuration. */
  redact(text: string): string {
    let clean = text;
    for (const secret of this.secrets) {
      if (secret.length >= minimumSecretLength) clean = clean.replaceAll(secret, "[secret]");
    }
    return clean;
  }

  /** Ends the run: tells and returns the totals. */
  end(outputs: Properties): RunResult {
    const changed = [...this.counts.keys()].some((operation) => operation !== "same");
    const summary = Object.fromEntries(this.counts) as RunResult["summary"];
    const result = { summary, changed, outputs: shown(outputs), durationMs: performance.now() - this.begun };
    this.onEvent?.({ kind: "end", result });
    return result;
  }

  private properties({ old, news, changed }: Told): Partial<Extract<EngineEvent, { kind: "resource" }>> {
    return {
      ...(old === undefined ? {} : { oldProperties: shown({ ...old.inputs, ...old.outputs }) }),
      ...(news === undefined ? {} : { newProperties: shown({ ...news.inputs, ...news.outputs }) }),
      ...(old === undefined || news === undefined ? {} : { changed: changed ?? differing(old, news) }),
    };
  }
}

/** Inputs that differ from what is there: outputs tell what is there, old inputs where outputs are silent. */
function differing(old: ResourceState, news: ResourceState): string[] {
  const there: Properties = {};
  for (const name of Object.keys({ ...old.inputs, ...news.inputs })) {
    const value = old.outputs[name] ?? old.inputs[name];
    if (value !== undefined) there[name] = value;
  }
  return changedNames(there, news.inputs);
}
