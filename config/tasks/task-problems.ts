import type { ConfigProblem } from "../config-error";
import { checkSchema } from "../schema-check";
import type { MissingVariable } from "../variables";
import type { Expanded } from "./expansion";
import { secretsIn } from "./secrets";
import type { TaskDocument } from "./task-document";

type Path = readonly (string | number)[];

/** What is wrong with a task, with file, line and key. Holds no secret. */
export class TaskProblems {
  readonly found: ConfigProblem[] = [];
  readonly missing: MissingVariable[] = [];
  private secrets: readonly string[] = [];

  constructor(private readonly document: TaskDocument) {}

  report(path: Path, text: string, hint?: string): void {
    this.found.push(this.problem(path, text, hint));
  }

  /** The variables that aren't set, as problems. */
  unset(): ConfigProblem[] {
    return this.missing.map(({ name, path }) =>
      this.problem(path, `environment variable ${name} is not set`, "set it"),
    );
  }

  private problem(path: Path, text: string, hint?: string): ConfigProblem {
    const clear = (words: string) => this.secrets.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), words);
    const told = hint === undefined ? {} : { hint: clear(hint) };
    return { file: this.document.file, ...this.document.placeOf(path), text: clear(text), ...told };
  }

  /** Texts that no message may show. */
  hide(secrets: readonly string[]): void {
    this.secrets = secrets;
  }

  /** Takes over what putting in the variables of the part at `path` came across. */
  takeExpansion(at: Path, { value, missing, faults, variables }: Expanded): void {
    this.hide(secretsIn(value, variables));
    this.missing.push(...missing);
    for (const { path, text, hint } of faults) this.report(path, text, hint);
    for (const path of inexactNumbers(value, at))
      this.report(path, "is a number that can't be kept exactly", "put it in quotes");
  }

  /** Whether the file, with only this task in it, fits the schema; what doesn't is told, save where a variable is missing. */
  fitsSchema(value: unknown): boolean {
    const faults = checkSchema("tasks", value).filter(({ path }) => !this.isUnset(path));
    for (const { path, text, hint } of faults) this.report(path, text, hint);
    return faults.length === 0;
  }

  private isUnset(path: Path): boolean {
    return this.missing.some((one) => JSON.stringify(one.path) === JSON.stringify(path));
  }
}

/** Whole numbers that a double doesn't tell from their neighbours. */
function inexactNumbers(value: unknown, path: Path): Path[] {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value) ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((one, index) => inexactNumbers(one, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => inexactNumbers(one, [...path, key]));
}
