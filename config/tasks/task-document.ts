import type { ConfigProblem } from "../config-error";
import type { Environment } from "../variables";
import type { Position } from "../yaml-locator";
import type { Expanded } from "./expansion";

/** A file of tasks, in either language: its content as it is written, and how to find places and variables in it. */
export interface TaskDocument {
  /** As messages name it. */
  readonly file: string;
  /** `{ tasks: { <name>: … } }`, variables as written; undefined when there are problems. */
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  placeOf(path: readonly (string | number)[]): Position & { readonly key: string };
  /** Puts variables into a part of the value. */
  expand(part: unknown, path: readonly (string | number)[], env: Environment): Expanded;
}
