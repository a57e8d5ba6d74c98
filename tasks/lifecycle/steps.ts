import type { EngineEvent, RunKind } from "../../engine/stack";
import { CdcError } from "../../lib/errors";
import type { LifecycleCommand, ResourceChange } from "../protocol/messages";
import { callProvider, type OnProviderLog } from "./call-provider";
import type { StepReport } from "./report";
import { changeOf } from "./stack-changes";
import type { LifecycleTask, StartedBy, TaskSide } from "./task-side";
import type { OnEngineEvent, TaskStack } from "./task-stack";

/** Told of what happens while a command does its work. */
export interface LifecycleListeners {
  readonly onEngineEvent: OnEngineEvent;
  readonly onLog: OnProviderLog;
}

/** How a step ended. */
type Outcome = Omit<StepReport, "sides" | "external">;

/** A part of a command: the stack of all built-in providers, or one external provider. */
interface Step {
  readonly sides: readonly TaskSide[];
  perform(): Promise<Outcome>;
}

const RUNS: Readonly<Record<"init" | "plan" | "destroy", RunKind>> = {
  init: "up",
  plan: "preview",
  destroy: "destroy",
};

/**
 * Does a command on all parts of a task, one after the other: from input to output, destroy the other way. The first
 * failure ends it; what was done until then, and what was not begun, is told.
 */
export async function performSteps(
  task: LifecycleTask,
  stack: TaskStack | undefined,
  command: "init" | "plan" | "destroy",
  listeners: LifecycleListeners,
): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  for (const step of stepsOf(task, stack, command, listeners)) {
    const sides = step.sides.map(({ role, name }) => `${role} ${name}`);
    const mayGoOn = !task.signal.aborted && reports.every(({ status }) => status === "succeeded");
    const report = mayGoOn ? await step.perform() : { status: "not started" as const, changes: [] };
    reports.push({ sides, external: step.sides.every(isExternal), ...report });
  }
  return reports;
}

function stepsOf(
  task: LifecycleTask,
  stack: TaskStack | undefined,
  command: "init" | "plan" | "destroy",
  listeners: LifecycleListeners,
): Step[] {
  const order = command === "destroy" ? [task.output, task.input] : [task.input, task.output];
  const inStack = order.filter(({ infrastructure }) => infrastructure !== undefined);
  return order.flatMap((side): Step[] => {
    if (isExternal(side)) return [{ sides: [side], perform: () => external(task, side, command, listeners) }];
    if (stack === undefined || side !== inStack[0]) return [];
    return [{ sides: inStack, perform: () => stackStep(stack, command, listeners) }];
  });
}

/** Whether a provider looks after its infrastructure itself. */
export function isExternal(side: TaskSide): side is TaskSide & { readonly command: StartedBy } {
  return side.command !== undefined;
}

async function external(
  task: LifecycleTask,
  side: TaskSide & { readonly command: StartedBy },
  command: LifecycleCommand,
  { onLog }: LifecycleListeners,
): Promise<Outcome> {
  const { status, changes, message, error } = await callProvider(task, side, command, onLog);
  return {
    status,
    changes,
    ...(message === undefined ? {} : { message }),
    ...(status === "succeeded" ? {} : { error: error ?? { code: "CDC_PROVIDER_FAILED", message: message ?? "" } }),
  };
}

async function stackStep(
  stack: TaskStack,
  command: "init" | "plan" | "destroy",
  { onEngineEvent }: LifecycleListeners,
): Promise<Outcome> {
  const changes: ResourceChange[] = [];
  const listen = (kind: RunKind, event: EngineEvent): void => {
    const change = changeOf(event);
    if (change !== undefined) changes.push(change);
    onEngineEvent(kind, event);
  };
  try {
    await stack.run(RUNS[command], listen, command === "destroy" ? {} : { refresh: true });
    return { status: "succeeded", changes };
  } catch (error) {
    if (!(error instanceof CdcError)) throw error;
    const { code, message, hint } = error;
    return { status: "failed", changes, error: { code, message: [message, hint].filter(Boolean).join("; ") } };
  }
}
