import { resolve } from "node:path";
import { describe } from "../../../databases/sqlserver/config";
import { failureKind } from "../../../databases/sqlserver/errors";
import { closePools } from "../../../databases/sqlserver/pool";
import { CdcError } from "../../../lib/errors";
import { SourceFollower } from "../../../stream/follow/source-follower";
import { checkState, type FollowState } from "../../../stream/follow/state";
import type { InputContext, InputItem, InputProvider } from "../../sdk/provider";
import { ProviderError } from "../../sdk/provider-error";
import { RawLines } from "../../sdk/raw-lines";
import { CheckpointFile } from "./checkpoint-file";
import { connectionOf, tablesOf, type SqlServerInputConfig } from "./config";
import { findTables } from "./find-tables";

/** Reads the changes of tables of a SQL Server database. */
export function sqlServerInput(): InputProvider<SqlServerInputConfig> {
  let follower: SourceFollower | undefined;
  let checkpoint: CheckpointFile | undefined;
  return {
    async open(config, context) {
      checkpoint = checkpointOf(config, context);
      try {
        follower = await openFollower(config, context, context.state ?? checkpoint?.read());
      } catch (error) {
        throw failureKind(error) === "retry" ? retryable(error) : error;
      }
    },
    read: (_config, context) => {
      if (follower === undefined) throw new Error("the input is not open");
      return itemsOf(follower, context, checkpoint);
    },
    close: () => {
      closePools();
      return Promise.resolve();
    },
  };
}

async function openFollower(
  config: SqlServerInputConfig,
  { signal, log }: InputContext,
  stored: unknown,
): Promise<SourceFollower> {
  const { tenant, snapshot = "never", poll_interval_ms: min, max_poll_interval_ms: max } = config;
  const connection = connectionOf(config);
  const tables = await findTables(connection, tablesOf(config), snapshot);
  const pollMs = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  return new SourceFollower({
    config: connection,
    source: describe(connection),
    tables,
    state: stored === undefined ? undefined : checkState(stored, connection.database),
    signal,
    log: (level, text) => log[level](text),
    pollMs,
    ...(tenant === undefined ? {} : { tenant }),
  });
}

async function* itemsOf(
  follower: SourceFollower,
  context: InputContext,
  checkpoint: CheckpointFile | undefined,
): AsyncGenerator<InputItem, void> {
  let count = 0;
  let failure: unknown;
  context.onAck((taken) => {
    try {
      checkpoint?.taken(taken);
    } catch (error) {
      failure = error;
    }
  });
  for await (const { lines, count: more, state, keep } of follower.follow()) {
    count += more;
    if (more > 0) yield new RawLines(lines, more);
    if (state !== undefined) tell(state, count, context, checkpoint);
    if (keep === true) await context.stored();
    if (failure !== undefined) throw failure as Error;
  }
}

function tell(state: FollowState, count: number, context: InputContext, checkpoint: CheckpointFile | undefined): void {
  checkpoint?.add(count, state);
  context.setState(state);
}

function checkpointOf({ checkpoint }: SqlServerInputConfig, { task, log }: InputContext): CheckpointFile | undefined {
  if (checkpoint === undefined) return undefined;
  if (task === undefined) return new CheckpointFile(resolve(checkpoint.file));
  log.warn("checkpoint is left out: the task keeps how far the input is");
  return undefined;
}

function retryable(error: unknown): unknown {
  if (!(error instanceof CdcError)) return error;
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return new ProviderError(error.code, error.message, { retryable: true, cause: error, ...hint });
}
