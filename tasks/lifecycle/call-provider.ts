import type { LifecycleCommand, LifecycleResult, Role } from "../protocol/messages";
import { runLifecycleCommand } from "../relay/lifecycle-command";
import type { StderrLine } from "../relay/stderr-lines";
import type { LifecycleTask, StartedBy, TaskSide } from "./task-side";
import { configFor } from "./upstream";

/** Told of what an external provider writes to stderr. */
export type OnProviderLog = (role: Role, name: string, line: StderrLine) => void;

/**
 * Has an external provider do its part of a command. Takes as long as it takes; told to stop, the provider is asked to
 * end, and waited for. Never throws for what the provider does: that is a result that has failed.
 */
export function callProvider(
  task: LifecycleTask,
  side: TaskSide & { readonly command: StartedBy },
  command: LifecycleCommand,
  onLog: OnProviderLog,
): Promise<LifecycleResult> {
  const { role, name, secrets } = side;
  return runLifecycleCommand({
    task: task.name,
    role,
    command,
    provider: { ...side.command, name, config: configFor(task, side), env: { CDC_TASK_DIRECTORY: task.directory } },
    signal: task.signal,
    secrets,
    onLog: ({ level, text }) => onLog(role, name, { level, text }),
  });
}
