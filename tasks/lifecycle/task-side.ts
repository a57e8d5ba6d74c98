import type { JsonObject } from "../protocol/json-object";
import type { Role } from "../protocol/messages";
import type { BuiltInInfrastructure } from "./contribution";

/** How to start a provider: resolved already, without a shell. */
export interface StartedBy {
  readonly file: string;
  readonly args: readonly string[];
}

/** One end of a task, as its lifecycle sees it. */
export interface TaskSide {
  readonly role: Role;
  /** As messages call it: `sqlserver`, `./bin/x`. */
  readonly name: string;
  /** May hold secrets: never printed. */
  readonly config: JsonObject;
  readonly secrets: readonly string[];
  /** Of a built-in provider; absent where it needs none. */
  readonly infrastructure?: BuiltInInfrastructure;
  /** Of an external provider, which looks after its infrastructure itself. */
  readonly command?: StartedBy;
}

/** A task whose infrastructure is to be made, shown or removed. */
export interface LifecycleTask {
  readonly name: string;
  /** Where the task keeps what belongs to it: `<folder of its file>/.cdc/tasks/<task>`. */
  readonly directory: string;
  readonly input: TaskSide;
  readonly output: TaskSide;
  readonly engine: "auto" | "pulumi" | "built-in";
  readonly signal: AbortSignal;
  /** Environment of this process. */
  readonly env: Readonly<Record<string, string | undefined>>;
}
