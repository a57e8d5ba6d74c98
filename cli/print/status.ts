import type { JudgedSource, JudgedTable, StackStatus } from "../status";
import { countText, durationText } from "./amounts";
import { counted } from "./nouns";
import type { Paint } from "./paint";
import { table } from "./table";

const HEAD = ["TABLE", "STATE", "ROWS MERGED", "LAST MERGE", "WAITING", "DEAD", "CHECKPOINT", "PROBLEM"];
const STREAM_HEAD = [
  "TABLE",
  "SOURCE",
  "STATE",
  "ROWS MERGED",
  "LAST MERGE",
  "WAITING",
  "DEAD",
  "LAG",
  "CHECKPOINT",
  "PROBLEM",
];
const SOURCE_HEAD = ["SOURCE", "PIPELINE", "CHECKPOINT", "COMMITTED", "SEEN", "LAG", "READ BY", "PROBLEM"];

/** The status for humans: a line per table and source, what to do about what stands still, and a verdict. */
export function statusText(status: StackStatus, paint: Paint): string {
  const parts =
    status.sources.length === 0 ? [plainTables(status, paint)] : [streamTables(status, paint), sources(status, paint)];
  return [...parts, ...plans(status, paint), verdict(status, paint)].join("\n\n");
}

function plainTables(status: StackStatus, paint: Paint): string {
  const rows = status.tables.map((one) => [
    nameOf(one),
    stateText(one),
    ...mergeCells(one),
    String(one.deadLetters),
    one.checkpoint === undefined ? "-" : `0x${one.checkpoint.slice(0, 20)}`,
    problemCell(one, paint),
  ]);
  return table(HEAD, rows);
}

function streamTables(status: StackStatus, paint: Paint): string {
  const rows = status.tables.flatMap((one) => {
    const streams = one.streams.length === 0 ? [undefined] : one.streams;
    return streams.map((stream) => [
      nameOf(one),
      stream?.source ?? "-",
      stream === undefined || one.state === "failing" ? stateText(one) : streamState(stream),
      ...mergeCells(one),
      String(one.deadLetters),
      stream === undefined ? "-" : lagOf(one, stream, status.sources),
      checkpointOf(one, stream),
      problemCell(one, paint),
    ]);
  });
  return table(STREAM_HEAD, rows);
}

type TableStream = JudgedTable["streams"][number];

function streamState({ state, snapshotPhase, snapshotRows }: TableStream): string {
  if (state !== "snapshot") return state.replace("_", " ");
  const phase = snapshotPhase === undefined || snapshotPhase === "rows" ? "" : ` of ${snapshotPhase}`;
  return `snapshot${phase}, ${countText(snapshotRows ?? 0)} rows`;
}

/** A table that moves with its source lags as the source does; one with a place of its own is not known to. */
function lagOf(one: JudgedTable, { pipeline, source, state }: TableStream, sources: readonly JudgedSource[]): string {
  if (state === "stopped" || state === "catching_up") return "-";
  const own = sources.find(
    (each) => each.pipeline === pipeline && each.source === source && each.database === one.database,
  );
  return durationText(own?.live?.lagMs ?? own?.lagMs);
}

function checkpointOf({ checkpoint }: JudgedTable, stream: TableStream | undefined): string {
  const lsn = stream?.position ?? checkpoint?.slice(0, 20);
  return lsn === undefined ? "-" : `0x${lsn}`;
}

function sources({ sources: all }: StackStatus, paint: Paint): string {
  const rows = all.map((one) => [
    one.source,
    one.pipeline,
    one.position === undefined ? "-" : `0x${one.position}`,
    one.committedAt ?? "-",
    one.silentMs === undefined ? "-" : `${durationText(one.silentMs)} ago`,
    durationText(one.live?.lagMs ?? one.lagMs),
    one.reader ?? "nobody",
    problemCell(one, paint),
  ]);
  return table(SOURCE_HEAD, rows);
}

/** What to do, once for all that stand still for the same reason. */
function plans({ tables, sources: all }: StackStatus, paint: Paint): string[] {
  const problems = [
    ...all.map(({ source, problem }) => ({ what: source, problem })),
    ...tables.flatMap((one) => one.streams.map(({ problem }) => ({ what: nameOf(one), problem }))),
  ];
  const hints = new Map<string, string[]>();
  for (const { what, problem } of problems)
    if (problem?.hint !== undefined) hints.set(problem.hint, [...(hints.get(problem.hint) ?? []), what]);
  const lines = [...hints].map(([hint, names]) => `${paint.cyan("hint:")} ${[...new Set(names)].join(", ")}: ${hint}`);
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function nameOf({ schema, table: name }: JudgedTable): string {
  return `${schema}.${name}`;
}

function mergeCells({ rowsMerged, lastMergeAt, staged }: JudgedTable): string[] {
  return [String(rowsMerged), lastMergeAt ?? "never", String(staged)];
}

function problemCell({ problems }: { readonly problems: readonly string[] }, paint: Paint): string {
  return problems.length === 0 ? "" : paint.red(problems.join("; "));
}

function stateText({ state, deadLetters }: JudgedTable): string {
  return deadLetters > 0 ? `${state}, dead letters` : state;
}

function verdict(status: StackStatus, paint: Paint): string {
  const drift = { true: paint.red("drifted: see `cdc preview --refresh`"), false: "no drift", undefined: "" }[
    String(status.drifted) as "true" | "false" | "undefined"
  ];
  const health = status.healthy ? paint.green("healthy") : paint.red("unhealthy");
  const count = counted(status.tables.length, "table");
  return [`stack ${status.stack}: ${health}`, count, drift].filter((part) => part !== "").join(" · ");
}
