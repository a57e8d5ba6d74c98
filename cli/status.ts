import { readPipelineStatus, type TableStatus } from "../databases/postgres/pipeline-status";
import type { Stack } from "../engine/stack";
import { counted } from "./print/nouns";
import type { Paint } from "./print/paint";
import { table } from "./print/table";
import { deployedDatabases } from "./sink-connections";

/** A table with its database and what is wrong with it, if anything. */
export interface JudgedTable extends TableStatus {
  readonly database: string;
  /** Empty when healthy. */
  readonly problems: readonly string[];
}

/** Health of all tables of a stack. */
export interface StackStatus {
  readonly stack: string;
  readonly healthy: boolean;
  /** Set when drift was looked for. */
  readonly drifted?: boolean;
  readonly tables: readonly JudgedTable[];
}

/** Reads and judges every table that the stack deployed. `maxLagSeconds`: how long rows may wait for their merge. */
export async function readStatus(
  stack: Stack,
  name: string,
  projectDirectory: string,
  env: Readonly<Record<string, string | undefined>>,
  maxLagSeconds: number,
): Promise<StackStatus> {
  const databases = await deployedDatabases(stack, name, projectDirectory, env);
  const found = await Promise.all(
    databases.map(async ({ database, config }) => {
      const tables = await readPipelineStatus(config);
      return tables.map((one) => ({ ...one, database, problems: problemsOf(one, maxLagSeconds) }));
    }),
  );
  const tables = found.flat();
  return { stack: name, healthy: tables.every(({ problems }) => problems.length === 0), tables };
}

/** What is wrong with a table, in words. */
export function problemsOf(status: TableStatus, maxLagSeconds: number): string[] {
  const waiting = (status.pendingMs ?? 0) / 1000;
  return [
    ...(status.state === "failing" ? [`failing: ${status.lastError ?? "unknown error"}`] : []),
    ...(waiting > maxLagSeconds ? [`rows wait for ${waiting.toFixed(0)} s`] : []),
    ...(status.deadLetters > 0 ? [counted(status.deadLetters, "dead letter")] : []),
  ];
}

const HEAD = ["TABLE", "STATE", "ROWS MERGED", "LAST MERGE", "WAITING", "DEAD", "CHECKPOINT", "PROBLEM"];

/** The status for humans: a line per table and a verdict. */
export function statusText(status: StackStatus, paint: Paint): string {
  const rows = status.tables.map((one) => [
    `${one.schema}.${one.table}`,
    stateText(one),
    String(one.rowsMerged),
    one.lastMergeAt ?? "never",
    String(one.staged),
    String(one.deadLetters),
    one.checkpoint === undefined ? "-" : `0x${one.checkpoint.slice(0, 20)}`,
    one.problems.length === 0 ? "" : paint.red(one.problems.join("; ")),
  ]);
  return `${table(HEAD, rows)}\n\n${verdict(status, paint)}`;
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
