import { hash } from "node:crypto";
import type { EngineEvent as PulumiEvent, StepEventMetadata, StepEventStateMetadata } from "@pulumi/pulumi/automation";
import type { EngineEvent, Operation, RunKind } from "./stack";

const OPERATIONS: Readonly<Record<string, Operation>> = {
  same: "same",
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "create-replacement",
  "delete-replaced": "delete-replaced",
  "discard-replaced": "delete-replaced",
  "remove-pending-replace": "delete-replaced",
  read: "read",
  "read-replacement": "read",
  "read-discard": "read",
  refresh: "refresh",
  import: "import",
  "import-replacement": "import",
};

/** Collects what a run of the Pulumi CLI tells, in our words. */
export interface EventTranslator {
  /** Takes one event of the CLI; hands on ours. One that came already is left out. */
  take(event: PulumiEvent): void;
  /** Resources per operation, as the CLI summed them up. */
  readonly summary: Partial<Record<Operation, number>>;
  /** Error diagnostics so far. */
  readonly errors: readonly string[];
}

/** Translates the CLI's events of one run. `now` is in milliseconds. */
export function translateEvents(
  run: { readonly kind: RunKind; readonly stack: string },
  emit: (event: EngineEvent) => void,
  now: () => number = Date.now,
): EventTranslator {
  const startedMs = new Map<string, number>();
  const summary: Partial<Record<Operation, number>> = {};
  const errors: string[] = [];
  const known = new Set<string>();
  const take = (event: PulumiEvent) => {
    // Who follows the CLI's log reads it from its start again when it takes it for a new file. Two events never equal.
    const own = hash("sha1", JSON.stringify(event));
    if (known.has(own)) return;
    known.add(own);
    if (event.preludeEvent) emit({ kind: "start", operation: run.kind, stack: run.stack });
    if (event.resourcePreEvent) {
      const { metadata } = event.resourcePreEvent;
      startedMs.set(metadata.urn, now());
      emit({ kind: "resource-start", urn: metadata.urn, type: metadata.type, operation: operationOf(metadata.op) });
    }
    if (event.resOutputsEvent) {
      const { metadata } = event.resOutputsEvent;
      emit(resourceEvent(metadata, now() - (startedMs.get(metadata.urn) ?? now())));
    }
    if (event.diagnosticEvent && event.diagnosticEvent.ephemeral !== true) {
      const diagnostic = diagnosticEvent(event.diagnosticEvent);
      if (diagnostic?.severity === "error") errors.push(diagnostic.message);
      if (diagnostic !== undefined) emit(diagnostic);
    }
    if (event.summaryEvent) addCounts(summary, event.summaryEvent.resourceChanges);
  };
  return { take, summary, errors };
}

/** Our word for an operation of the CLI; one that we don't know counts as an update. */
function operationOf(op: string): Operation {
  return OPERATIONS[op] ?? "update";
}

function addCounts(
  summary: Partial<Record<Operation, number>>,
  changes: Readonly<Record<string, number | undefined>>,
): void {
  for (const [op, count] of Object.entries(changes)) {
    const operation = operationOf(op);
    summary[operation] = (summary[operation] ?? 0) + (count ?? 0);
  }
}

function resourceEvent(metadata: StepEventMetadata, durationMs: number): EngineEvent {
  const before = oldProperties(metadata.old);
  const after = newProperties(metadata.new);
  const changed = metadata.diffs ?? (metadata.detailedDiff ? Object.keys(metadata.detailedDiff) : undefined);
  return {
    kind: "resource",
    urn: metadata.urn,
    type: metadata.type,
    name: metadata.urn.split("::").at(-1) ?? metadata.urn,
    operation: operationOf(metadata.op),
    ...(before === undefined ? {} : { oldProperties: before }),
    ...(after === undefined ? {} : { newProperties: after }),
    ...(changed === undefined ? {} : { changed: [...changed] }),
    durationMs,
  };
}

/** What was deployed: inputs, completed by what the provider answered. */
function oldProperties(state: StepEventStateMetadata | undefined): Record<string, unknown> | undefined {
  return state ? withoutProvider({ ...state.inputs, ...state.outputs }) : undefined;
}

/** What is wanted: the inputs; outputs follow from them. */
function newProperties(state: StepEventStateMetadata | undefined): Record<string, unknown> | undefined {
  return state ? withoutProvider({ ...state.inputs }) : undefined;
}

function withoutProvider(properties: Record<string, unknown>): Record<string, unknown> {
  const { __provider, ...rest } = properties;
  return rest;
}

function diagnosticEvent(event: NonNullable<PulumiEvent["diagnosticEvent"]>): Diagnostic | undefined {
  const message = withoutColours(event.message).trim();
  const severity = severityOf(event.severity);
  if (message === "" || severity === undefined) return undefined;
  return {
    kind: "diagnostic",
    severity,
    message,
    ...(event.urn === undefined || event.urn === "" ? {} : { urn: event.urn }),
  };
}

type Diagnostic = Extract<EngineEvent, { kind: "diagnostic" }>;

function severityOf(severity: string): Diagnostic["severity"] | undefined {
  if (severity === "error" || severity === "warning") return severity;
  return severity.startsWith("info") ? "info" : undefined;
}

/** The CLI marks colours in events as `<{%fg 1%}>`. */
function withoutColours(text: string): string {
  return text.replace(/<\{%.*?%\}>/g, "");
}
