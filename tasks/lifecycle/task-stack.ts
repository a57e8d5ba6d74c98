import { join } from "node:path";
import type { EngineEvent, RunKind, RunOptions, RunResult, Stack } from "../../engine/stack";
import { redactorOf } from "../relay/redact";
import type { DeployedTaskResource } from "./contribution";
import { emptyPassphrase } from "./empty-passphrase";
import { exportedResources } from "./exported";
import { orderedResources } from "./ordered-resources";
import { ignoreFolder } from "./pulumi-project";
import { wordOfType } from "./stack-changes";
import { writeResources, writeStackProject } from "./stack-project";
import type { LifecycleTask } from "./task-side";
import { contextOf, contributionsOf } from "./upstream";

/** Told of what happens to the stack while it does. */
export type OnEngineEvent = (kind: RunKind, event: EngineEvent) => void;

/** The Pulumi stack of a task: what its built-in providers need. */
export class TaskStack {
  private constructor(
    private readonly task: LifecycleTask,
    private readonly stack: Stack,
    private readonly directory: string,
  ) {}

  /** Opens the stack of a task that has a side with infrastructure; undefined when none has. */
  static async open(task: LifecycleTask, options: { readonly force?: boolean } = {}): Promise<TaskStack | undefined> {
    const { input, output, name, engine } = task;
    if (input.infrastructure === undefined && output.infrastructure === undefined) return undefined;
    ignoreFolder(join(task.directory, "..", ".."));
    const directory = join(task.directory, "stack");
    writeStackProject(directory, name);
    const { openStack } = await import("../../engine/open-stack");
    const environment = { ...environmentOf(task), ...(options.force === true ? { CDC_FORCE_DESTROY: "1" } : {}) };
    return new TaskStack(
      task,
      await openStack({ projectDirectory: directory, stack: name, engine, environment }),
      directory,
    );
  }

  /** Asks the providers what they need, and writes it down for the next run. */
  async specify(): Promise<void> {
    writeResources(this.directory, orderedResources(await contributionsOf(this.task)));
  }

  run(kind: RunKind, onEvent: OnEngineEvent, options: Pick<RunOptions, "refresh"> = {}): Promise<RunResult> {
    const { signal, input, output } = this.task;
    const redact = redactorOf([...input.secrets, ...output.secrets]);
    const clear = (event: EngineEvent): EngineEvent =>
      event.kind === "diagnostic" ? { ...event, message: redact(event.message) } : event;
    return this.stack[kind]({ ...options, signal, onEvent: (event) => onEvent(kind, clear(event)) });
  }

  /** Resources as the last run left them, ours only. */
  async deployed(): Promise<DeployedTaskResource[]> {
    return (await exportedResources(this.stack)).flatMap(({ type, ...rest }) => {
      const word = wordOfType(type);
      return word === undefined ? [] : [{ type: word, ...rest }];
    });
  }

  /** Removes the stack, which is empty by now. */
  remove(): Promise<void> {
    return this.stack.remove();
  }
}

/** What the handlers of both sides find in their environment. */
function environmentOf(task: LifecycleTask): Record<string, string> {
  const of = ({ infrastructure, config }: LifecycleTask["input"]) =>
    infrastructure?.environment(config, contextOf(task));
  return { ...emptyPassphrase(task.env), ...of(task.input), ...of(task.output) };
}
