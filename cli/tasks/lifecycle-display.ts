import { CdcError } from "../../lib/errors";
import type { RunKind } from "../../engine/stack";
import type { LifecycleReport, StepReport } from "../../tasks/lifecycle/report";
import type { LifecycleListeners } from "../../tasks/lifecycle/steps";
import type { ResourceChange } from "../../tasks/protocol/messages";
import type { Context } from "../context";
import { loadPlanner } from "../planner";
import type { Paint } from "../print/paint";
import { runPrinter, type RunPrinter } from "../run-printer";

/** Shows a lifecycle command: what happens to the stack as it does, then what external providers answered. */
export class LifecycleDisplay implements LifecycleListeners {
  private readonly printers = new Map<RunKind, RunPrinter>();

  private constructor(
    private readonly context: Context,
    private readonly task: string,
    private readonly planner: Awaited<ReturnType<typeof loadPlanner>>,
    private readonly showSql: boolean,
  ) {}

  static async open(context: Context, task: string, showSql = false): Promise<LifecycleDisplay> {
    return new LifecycleDisplay(context, task, await loadPlanner(), showSql);
  }

  readonly onEngineEvent: LifecycleListeners["onEngineEvent"] = (kind, event) => {
    // With --json there is one value, at the end.
    if (this.context.options.json) return;
    const known = this.printers.get(kind);
    const { context, planner, showSql, task } = this;
    const printer = known ?? runPrinter(context, { kind, planner, showSql, name: `task ${task}` });
    this.printers.set(kind, printer);
    printer.take(event);
    if (event.kind === "end") this.end(kind, event.result);
  };

  readonly onLog: LifecycleListeners["onLog"] = (role, name, { level, text }) => {
    this.context.io.stderr.write(`[${role} ${name}] ${level}: ${text}\n`);
  };

  /** Prints the report; throws CdcError (CDC_TASK_FAILED) when a part of the command has failed. */
  finish(report: LifecycleReport): void {
    for (const kind of [...this.printers.keys()]) this.end(kind, undefined);
    this.context.print(report, () => reportText(report, this.context.paint));
    if (report.status === "failed") throw failureOf(report);
  }

  private end(kind: RunKind, result: Parameters<RunPrinter["end"]>[0]): void {
    this.printers.get(kind)?.end(result);
    this.printers.delete(kind);
  }
}

const MARKS: Readonly<
  Record<ResourceChange["action"], readonly [sign: string, colour: "green" | "yellow" | "red" | "dim"]>
> = {
  create: ["+", "green"],
  update: ["~", "yellow"],
  delete: ["-", "red"],
  none: [" ", "dim"],
};

/** The answers of external providers, and of a command that failed how far it came. */
function reportText(report: LifecycleReport, paint: Paint): string {
  const external = report.steps.flatMap((step) => answerLines(step, paint));
  const lines = report.status === "failed" ? [...external, ...progressLines(report)] : external;
  if (lines.length > 0) return lines.join("\n");
  return report.steps.length === 0 ? "no provider of this task needs infrastructure" : "";
}

/** Changes of the stack have been shown when they happened. */
function answerLines({ external, sides, changes, message }: StepReport, paint: Paint): string[] {
  if (!external) return [];
  const told = changes.filter(({ action }) => action !== "none").map((change) => changeLine(change, paint));
  const nothing = told.length === 0 && message === undefined ? ["  no changes"] : [];
  return [`${sides.join(", ")}:`, ...told, ...(message === undefined ? [] : [`  ${message}`]), ...nothing];
}

function changeLine({ action, kind, name, detail }: ResourceChange, paint: Paint): string {
  const [sign, colour] = MARKS[action];
  return `  ${paint[colour](`${sign} ${kind} ${name}`)}${detail === undefined ? "" : paint.dim(`  ${detail}`)}`;
}

function progressLines({ steps }: LifecycleReport): string[] {
  return steps.map(({ sides, status, changes }) => {
    const done = changes.filter(({ action }) => action !== "none").length;
    const what = status === "not started" ? "" : `, ${done} ${done === 1 ? "change" : "changes"} made`;
    return `${sides.join(", ")}: ${status}${what}`;
  });
}

function failureOf({ task, command, steps }: LifecycleReport): CdcError {
  const causes = steps.flatMap(({ sides, error }) => (error === undefined ? [] : [{ sides, error }]));
  const text = causes.map(({ sides, error }) => `${sides.join(", ")}: ${error.message}`).join("; ");
  const hint = `What was done stays done: mend the cause, then run \`cdc ${command} ${task}\` again.`;
  const why = text === "" ? "it was interrupted" : text;
  return new CdcError("CDC_TASK_FAILED", `${command} of task ${task} failed: ${why}`, { hint });
}
