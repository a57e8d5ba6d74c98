import type { EngineEvent, RunKind, RunResult } from "../engine/stack";
import type { Context } from "./context";
import type { Output } from "./io";
import { changeLines, isLeft, planOfEvent, type ChangeStyle, type Planner } from "./print/changes";
import type { ResourceEvent } from "./print/nouns";
import { Questions } from "./print/questions";
import { Tally } from "./print/tally";

/** Takes the events of a run and shows them. */
export interface RunPrinter {
  take(event: EngineEvent): void;
  /** Ends the display; the result of a run that ended, undefined when it failed. */
  end(result: RunResult | undefined): void;
  /** Errors that the user has seen already. */
  errorsShown(): number;
}

/** What to show of a run. */
export interface PrintedRun {
  readonly kind: RunKind;
  readonly planner: Planner;
  readonly showSql: boolean;
  /** URNs of what stays in the database when it leaves the stack. */
  readonly kept?: ReadonlySet<string>;
  /** What it is a run of; the chosen stack when absent. */
  readonly name?: string;
}

const CHUNK_MS = 40;

const LABELS: Readonly<Record<RunKind, string>> = {
  preview: "previewing",
  up: "updating",
  refresh: "refreshing",
  destroy: "destroying",
};

/** Shows a run: as NDJSON with `--json`, one event a line, else a line per change and progress on stderr. */
export function runPrinter(context: Context, run: PrintedRun): RunPrinter {
  return context.options.json ? jsonPrinter(context, run) : textPrinter(context, run);
}

function jsonPrinter(context: Context, run: PrintedRun): RunPrinter {
  const take = (event: EngineEvent) => {
    const line = event.kind === "resource" ? { ...event, ...plannedChanges(event, run) } : event;
    context.print(line, () => "");
  };
  return { take, end: () => undefined, errorsShown: () => 0 };
}

function plannedChanges(event: ResourceEvent, run: PrintedRun): { changes?: unknown[] } {
  const changes = planOfEvent(event, run)?.changes;
  if (changes === undefined || changes.length === 0) return {};
  return { changes: run.showSql ? [...changes] : changes.map(({ sql, ...change }) => change) };
}

function textPrinter(context: Context, run: PrintedRun): RunPrinter {
  const style: ChangeStyle = { ...run, paint: context.paint, done: run.kind !== "preview" };
  const tally = new Tally();
  const progress = context.progress(`${LABELS[run.kind]} ${run.name ?? context.options.stack}`);
  const { say, flush } = inChunks((text, output) => {
    progress.above(() => output.write(text));
  });
  const questions = new Questions();
  let errors = 0;
  const take = (whole: EngineEvent) => {
    const event = withoutQuestions(whole, questions);
    if (event === undefined) return;
    if (event.kind === "diagnostic" && event.severity === "error") errors += 1;
    if (event.kind === "start" && event.resources !== undefined) progress.expect(event.resources);
    if (event.kind === "diagnostic" && !isNodeWarning(event)) say(context.io.stderr, [diagnosticLine(event, context)]);
    if (event.kind !== "resource") return;
    progress.add();
    tally.add(event, isLeft(event, run.kept));
    say(context.io.stdout, changeLines(event, style));
  };
  const end = (result: RunResult | undefined) => {
    say(context.io.stderr, questions.lines(context.paint));
    flush();
    progress.end();
    if (result !== undefined) context.io.stdout.write(`${summaryLine(tally, result, run.kind)}\n`);
  };
  return { take, end, errorsShown: () => errors + questions.count };
}

/** The event without what is asked, which is told at the end; undefined when nothing is left of it. */
function withoutQuestions(event: EngineEvent, questions: Questions): EngineEvent | undefined {
  if (event.kind !== "diagnostic" || event.severity !== "error") return event;
  const message = questions.take(event.message);
  return message === undefined ? undefined : { ...event, message };
}

/** Gathers lines for a moment: writing each by itself is a tenth of the time of a large run. */
function inChunks(write: (text: string, output: Output) => void) {
  let lines: string[] = [];
  let output: Output | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (output !== undefined && lines.length > 0) write(`${lines.join("\n")}\n`, output);
    lines = [];
  };
  const say = (to: Output, more: readonly string[]) => {
    if (to !== output) flush();
    output = to;
    lines.push(...more);
    timer ??= setTimeout(flush, CHUNK_MS);
  };
  return { say, flush };
}

type Diagnostic = Extract<EngineEvent, { kind: "diagnostic" }>;

/** What Node says of packages that the user didn't choose. */
function isNodeWarning({ severity, message }: Diagnostic): boolean {
  return severity === "info" && /^\(node:\d+\) |^\(Use `node --trace/.test(message);
}

function diagnosticLine(event: Diagnostic, context: Context): string {
  const { paint } = context;
  const colour = { info: paint.dim, warning: paint.yellow, error: paint.red }[event.severity];
  const about = event.urn === undefined ? "" : ` ${event.urn.split("::").at(-1) ?? ""}:`;
  return `${colour(event.severity)}:${about} ${event.message}`;
}

function summaryLine(tally: Tally, result: RunResult, kind: RunKind): string {
  return `${tally.text(kind)} · ${(result.durationMs / 1000).toFixed(1)} s`;
}
