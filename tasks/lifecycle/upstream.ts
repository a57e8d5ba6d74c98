import { parseTableName } from "../../model/table-name";
import type { Contribution, ContributionContext, SourceTableDescription } from "./contribution";
import type { LifecycleTask, TaskSide } from "./task-side";

/** The environment in the names of connections: what the handlers find is set for the task alone. */
export const TASK_ENVIRONMENT = "task";

/** What both sides add to the stack. */
export interface Contributions {
  readonly input: Contribution;
  readonly output: Contribution;
}

/** What a provider may know of the task that it contributes to. */
export function contextOf({ name, signal }: LifecycleTask): ContributionContext {
  return { task: name, environment: TASK_ENVIRONMENT, signal };
}

/** Asks both sides what they need; the output is told what comes down the stream. */
export async function contributionsOf(task: LifecycleTask): Promise<Contributions> {
  const input = await contributionOf(task, task.input, undefined);
  return { input, output: await contributionOf(task, task.output, input) };
}

async function contributionOf(task: LifecycleTask, side: TaskSide, upstream: Contribution | undefined) {
  const { infrastructure, config } = side;
  if (infrastructure !== undefined) return infrastructure.contribute(config, upstream, contextOf(task));
  return { resources: [], ...(side.role === "input" ? { tables: namedTables(side) } : {}) };
}

/** Tables that an input's configuration lists, as far as their names tell. */
function namedTables({ config }: TaskSide): SourceTableDescription[] {
  return tableNames(config).map((name) => ({ schema: "dbo", ...parseTableName(name) }));
}

/** The configuration that an external provider is given: an output learns which tables its input reads. */
export function configFor(task: LifecycleTask, side: TaskSide): Readonly<Record<string, unknown>> {
  const tables = side.role === "output" ? tableNames(task.input.config) : [];
  return tables.length === 0 ? side.config : { ...side.config, upstream: { tables } };
}

/** A table is a name, or an object that has one. */
function tableNames({ tables }: Readonly<Record<string, unknown>>): string[] {
  if (!Array.isArray(tables)) return [];
  const names = tables.map((table: unknown) => (table as { name?: unknown } | null)?.name ?? table);
  return names.filter((name) => typeof name === "string");
}
