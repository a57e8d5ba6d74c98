import { CdcError } from "../../lib/errors";
import { resourceNoun, resourceObject } from "../../model/resource-noun";
import type { ResourceState, Role } from "../protocol/messages";
import { callProvider } from "./call-provider";
import type { DeployedTaskResource, Holding } from "./contribution";
import { holdingsOf, holdingText } from "./destroy-task";
import { changeOf, stateOf, wordOfType } from "./stack-changes";
import { isExternal, type LifecycleListeners } from "./steps";
import type { LifecycleTask } from "./task-side";
import { TaskStack } from "./task-stack";

/** A resource of a task, and whose it is. */
export interface TaskResource extends ResourceState {
  readonly role: Role;
}

/** The infrastructure of a task as it is. */
export interface TaskStatus {
  readonly task: string;
  /** Everything is there, and as the file says. */
  readonly healthy: boolean;
  readonly resources: readonly TaskResource[];
  /** What kept us from looking. */
  readonly problems: readonly string[];
}

/**
 * Looks at what both sides of a task have, and compares it with the file. A word for each resource: `present`,
 * `changed` (by hand, or in the file), `missing` (it was there), `absent` (never made), `superfluous` (no longer in
 * the file), `unknown` (it could not be looked at); an external provider has its own words.
 */
export async function statusOfTask(task: LifecycleTask, listeners: LifecycleListeners): Promise<TaskStatus> {
  const parts = [await stackStatus(task), ...(await externalStatus(task, listeners))];
  const resources = parts.flatMap((part) => part.resources);
  const problems = parts.flatMap((part) => part.problems);
  const healthy = problems.length === 0 && resources.every(({ state }) => !UNHEALTHY.has(state));
  return { task: task.name, healthy, resources, problems };
}

const UNHEALTHY: ReadonlySet<string> = new Set(["changed", "missing", "absent", "superfluous", "unknown"]);

type Part = Pick<TaskStatus, "resources" | "problems">;

async function externalStatus(task: LifecycleTask, { onLog }: LifecycleListeners): Promise<Part[]> {
  const parts: Part[] = [];
  for (const side of [task.input, task.output].filter(isExternal)) {
    const { role, name } = side;
    const { status, resources, error, message } = await callProvider(task, side, "status", onLog);
    const problems = status === "succeeded" ? [] : [`${role} ${name}: ${error?.message ?? message ?? "it failed"}`];
    parts.push({ resources: resources.map((one) => ({ role, ...one })), problems });
  }
  return parts;
}

async function stackStatus(task: LifecycleTask): Promise<Part> {
  const stack = await TaskStack.open(task);
  if (stack === undefined) return { resources: [], problems: [] };
  const deployed = await stack.deployed();
  const problems: string[] = [];
  const tell = (error: unknown): undefined => {
    if (!(error instanceof CdcError)) throw error;
    problems.push(error.message);
  };
  const states = await lookAt(stack, deployed).catch(tell);
  const holdings = (await holdingsOf(task, deployed).catch(tell)) ?? [];
  const found = states ?? deployed.map((one) => inState(one, "unknown"));
  return { resources: found.map((one) => withHolding(one, holdings)), problems };
}

/** What a preview that looks at the real things first would do tells what they are like. */
async function lookAt(stack: TaskStack, deployed: readonly DeployedTaskResource[]): Promise<TaskResource[]> {
  const known = new Map(deployed.map((one) => [keyOf(one), one]));
  const found = new Map<string, TaskResource>();
  await stack.specify();
  const onEvent: Parameters<TaskStack["run"]>[1] = (_kind, event) => {
    const change = changeOf(event);
    if (event.kind !== "resource" || change === undefined) return;
    const type = wordOfType(event.type) ?? "";
    const key = keyOf({ type, name: event.name });
    const before = known.get(key);
    const name = before === undefined ? change.name : (resourceObject(type, before.outputs) ?? change.name);
    const state = stateOf(change.action, before !== undefined);
    found.set(key, { role: roleOf(type), kind: change.kind, name, state, ...detailOf(change.detail) });
  };
  await stack.run("preview", onEvent, { refresh: true });
  return [...found.values()];
}

function inState({ type, name, outputs }: DeployedTaskResource, state: string): TaskResource {
  return { role: roleOf(type), kind: resourceNoun(type), name: resourceObject(type, outputs) ?? name, state };
}

function withHolding(resource: TaskResource, holdings: readonly Holding[]): TaskResource {
  const holding = holdings.find(({ name }) => name === resource.name);
  if (holding === undefined) return resource;
  const detail = [resource.detail, holdingText(holding)].filter((text) => text !== undefined).join("; ");
  return { ...resource, detail };
}

function detailOf(detail: string | undefined): { detail?: string } {
  return detail === undefined ? {} : { detail };
}

function keyOf({ type, name }: { readonly type: string; readonly name: string }): string {
  return `${type} ${name}`;
}

/** Inputs capture sources; everything else is an output's. */
function roleOf(type: string): Role {
  return type.startsWith("Source") ? "input" : "output";
}
