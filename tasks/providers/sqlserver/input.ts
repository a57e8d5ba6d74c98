import { resolve } from "node:path";
import { failureKind } from "../../../databases/sqlserver/errors";
import { CdcError } from "../../../lib/errors";
import { readAhead } from "../../../lib/read-ahead";
import type { SourceFollower } from "../../../stream/follow/source-follower";
import type { FollowState } from "../../../stream/follow/state";
import type { InputContext, InputItem, InputProvider } from "../../sdk/provider";
import { ProviderError } from "../../sdk/provider-error";
import { RawLines } from "../../sdk/raw-lines";
import { CheckpointFile } from "./checkpoint-file";
import type { SqlServerInputConfig } from "./config";

/** Lines that wait while the output is slower: what the next look takes is hidden behind them. */
const AHEAD_BYTES = 16 * 1024 * 1024;

/** Reads the changes of tables of a SQL Server database. Its driver is loaded when there is a config that can be used. */
export function sqlServerInput(): InputProvider<SqlServerInputConfig> {
  let reading: typeof import("./open-follower") | undefined;
  let follower: SourceFollower | undefined;
  let checkpoint: CheckpointFile | undefined;
  return {
    async open(config, context) {
      checkpoint = checkpointOf(config, context);
      try {
        reading = await import("./open-follower");
        follower = await reading.openFollower(config, context, context.state ?? checkpoint?.read());
      } catch (error) {
        throw failureKind(error) === "retry" ? retryable(error) : error;
      }
    },
    read: (_config, context) => {
      if (follower === undefined) throw new Error("the input is not open");
      return itemsOf(follower, context, checkpoint);
    },
    close: () => {
      reading?.closePools();
      return Promise.resolve();
    },
  };
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
  const followed = readAhead(follower.follow(), ({ lines }) => lines.length, AHEAD_BYTES);
  for await (const { lines, count: more, state, keep } of followed) {
    count += more;
    if (more > 0) yield new RawLines(lines, more);
    if (state !== undefined) tell(state, count, context, checkpoint);
    if (keep === true) await context.stored();
    if (failure !== undefined) throw failure as Error;
    // What was read ahead is read again: nobody waits until a slow output has it.
    if (state !== undefined && context.signal.aborted) return;
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
