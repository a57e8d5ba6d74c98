import { taskNames, type OpenedTaskFile } from "./open-task-file";

/** A task as a list shows it: what is written, variables not put in. */
export interface TaskSummary {
  readonly name: string;
  readonly description?: string;
  /** Provider as it is written; empty when the task names none. */
  readonly input: string;
  readonly output: string;
}

const SOURCE_KEYS = ["provider", "provider_path", "provider_image", "provider_ref"];

/** All tasks of a file, in its order. Nothing is checked but what is needed to list them. */
export function summariesOf(opened: OpenedTaskFile): TaskSummary[] {
  const { tasks } = opened.document.value as { tasks: Record<string, unknown> };
  return taskNames(opened).map((name) => {
    const { description, input, output } = mapping(tasks[name]);
    const told = typeof description === "string" ? { description } : {};
    return { name, ...told, input: providerOf(input), output: providerOf(output) };
  });
}

function providerOf(use: unknown): string {
  const written = mapping(use);
  const found = SOURCE_KEYS.map((key) => written[key]).find((value) => typeof value === "string");
  return typeof found === "string" ? found : "";
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
