import { readPipelineStatus, type TableStatus } from "../databases/postgres/pipeline-status";
import {
  readStreamsStatus,
  type SourceStatus,
  type SourceTableStatus,
  type StreamsStatus,
} from "../databases/postgres/source-status";
import type { Stack } from "../engine/stack";
import type { LiveSource } from "./live-sources";
import { durationText } from "./print/amounts";
import { counted } from "./print/nouns";
import { deployedDatabases } from "./sink-connections";

/** A table with its database, the streams that feed it, and what is wrong with it, if anything. */
export interface JudgedTable extends TableStatus {
  readonly database: string;
  /** Empty when healthy. */
  readonly problems: readonly string[];
  /** One for each source and pipeline; none when no stream has ever fed it. */
  readonly streams: readonly Omit<SourceTableStatus, "schema" | "table">[];
}

/** A source that a pipeline reads, and what is wrong with it. */
export interface JudgedSource extends SourceStatus {
  readonly database: string;
  /** What the server said just now, with `--live`. */
  readonly live?: LiveSource;
  readonly problems: readonly string[];
}

/** Health of all tables of a stack. */
export interface StackStatus {
  readonly stack: string;
  readonly healthy: boolean;
  /** Set when drift was looked for. */
  readonly drifted?: boolean;
  readonly tables: readonly JudgedTable[];
  readonly sources: readonly JudgedSource[];
}

/** Where a stack's status is read, and by what it is judged. */
export interface StatusRequest {
  readonly stack: Stack;
  readonly name: string;
  readonly projectDirectory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long rows may wait for their merge, and changes for their way into the sink. */
  readonly maxLagSeconds: number;
  /** Asks the sources themselves: by name, and what each says. */
  readonly askLive?: (sources: readonly SourceStatus[]) => Promise<ReadonlyMap<SourceStatus, LiveSource>>;
}

/** A stream at rest tells the sink so each half minute. */
const QUIET_MS = 45_000;

/** Reads and judges every table that the stack deployed, and the streams into them. */
export async function readStatus(request: StatusRequest): Promise<StackStatus> {
  const { stack, name, projectDirectory, env, maxLagSeconds } = request;
  const databases = await deployedDatabases(stack, name, projectDirectory, env);
  const found = await Promise.all(
    databases.map(async ({ database, config }) => {
      const [tables, streams] = await Promise.all([readPipelineStatus(config), readStreamsStatus(config)]);
      const live = await request.askLive?.(streams.sources);
      const judged = streams.sources.map((one) => judgedSource(one, live?.get(one), maxLagSeconds));
      return {
        tables: tables.map((one) => judgedTable(one, streams, maxLagSeconds)).map((one) => ({ ...one, database })),
        sources: judged.map((one) => ({ ...one, database })),
      };
    }),
  );
  const tables = found.flatMap((one) => one.tables);
  const sources = found.flatMap((one) => one.sources);
  const healthy = [...tables, ...sources].every(({ problems }) => problems.length === 0);
  return { stack: name, healthy, tables, sources };
}

function judgedTable(
  status: TableStatus,
  streams: StreamsStatus,
  maxLagSeconds: number,
): Omit<JudgedTable, "database"> {
  const own = streams.tables.filter(({ schema, table }) => schema === status.schema && table === status.table);
  const stopped = own.flatMap(({ state, problem }) =>
    state === "stopped" ? [`stopped: ${problem?.message ?? "no reason is known"}`] : [],
  );
  return {
    ...status,
    problems: [...problemsOf(status, maxLagSeconds), ...stopped],
    streams: own.map(({ schema: _schema, table: _table, ...rest }) => rest),
  };
}

/** What is wrong with a table's merge, in words. */
function problemsOf(status: TableStatus, maxLagSeconds: number): string[] {
  const waiting = (status.pendingMs ?? 0) / 1000;
  return [
    ...(status.state === "failing" ? [`failing: ${status.lastError ?? "unknown error"}`] : []),
    ...(waiting > maxLagSeconds ? [`rows wait for ${waiting.toFixed(0)} s`] : []),
    ...(status.deadLetters > 0 ? [counted(status.deadLetters, "dead letter")] : []),
  ];
}

function judgedSource(
  status: SourceStatus,
  live: LiveSource | undefined,
  maxLagSeconds: number,
): Omit<JudgedSource, "database"> {
  const { problem, reader, silentMs = 0 } = status;
  const lagMs = live?.lagMs ?? status.lagMs ?? 0;
  // A source that was asked itself says how far behind we are, whenever the stream was here last.
  const silent = live?.lagMs === undefined && silentMs > maxLagSeconds * 1000 + QUIET_MS;
  const absent = reader === undefined ? ", and no process reads it: start `cdc run`" : "";
  return {
    ...status,
    ...(live === undefined ? {} : { live }),
    problems: [
      ...(problem === undefined ? [] : [problem.message]),
      ...(live?.error === undefined ? [] : [live.error]),
      ...(lagMs > maxLagSeconds * 1000 ? [`lags ${durationText(lagMs)}`] : []),
      ...(silent ? [`last looked at ${durationText(silentMs)} ago${absent}`] : []),
    ],
  };
}
