import type { ProviderUse } from "../../config/tasks";
import type { LifecycleTask, TaskSide } from "../../tasks/lifecycle/task-side";
import type { FoundProvider } from "../../tasks/provider-command";
import type { Context } from "../context";
import { loadTask, type TaskFlags } from "./load-task";

/** A task as its lifecycle sees it. From now on a signal stops it cleanly. */
export async function loadLifecycleTask(context: Context, name: string, flags: TaskFlags): Promise<LifecycleTask> {
  const { task, input, output, directory } = await loadTask(context, name, flags);
  const { signal, env } = context.io;
  const sides = { input: await sideOf(task.input, input), output: await sideOf(task.output, output) };
  return { name, directory, ...sides, engine: context.options.engine, signal, env };
}

async function sideOf(use: ProviderUse, { name, file, args }: FoundProvider): Promise<TaskSide> {
  const { role, source, config, secrets } = use;
  const side = { role, name, config, secrets };
  if (source.kind !== "builtin") return { ...side, command: { file, args } };
  const { builtInInfrastructure } = await import("../../tasks/lifecycle/built-in-infrastructure");
  const infrastructure = await builtInInfrastructure(source.name);
  return infrastructure === undefined ? side : { ...side, infrastructure };
}
