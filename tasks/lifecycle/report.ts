import type { LifecycleCommand, ResourceChange } from "../protocol/messages";

/** What a part of a command did: the stack of the built-in providers, or an external one. */
export interface StepReport {
  /** Providers whose part it is, such as `input sqlserver`. */
  readonly sides: readonly string[];
  /** It was an external provider's: the changes are what that told. */
  readonly external: boolean;
  readonly status: "succeeded" | "failed" | "not started";
  /** What was done; for plan, what would be. */
  readonly changes: readonly ResourceChange[];
  readonly message?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** What init, plan or destroy did, or would do. */
export interface LifecycleReport {
  readonly task: string;
  readonly command: LifecycleCommand;
  readonly status: "succeeded" | "failed";
  /** Whether anything was, or would be, made, changed or removed. */
  readonly changed: boolean;
  /** In the order in which they were done: init begins with the input, destroy with the output. */
  readonly steps: readonly StepReport[];
}

/** Puts a report together. */
export function reportOf(task: string, command: LifecycleCommand, steps: readonly StepReport[]): LifecycleReport {
  const failed = steps.some(({ status }) => status !== "succeeded");
  const changed = steps.some(({ changes }) => changes.some(({ action }) => action !== "none"));
  return { task, command, status: failed ? "failed" : "succeeded", changed, steps };
}
