import { InvalidArgumentError, type Command } from "commander";
import type { PgConfig } from "../../databases/postgres/config";
import type { MergedTable } from "../../stream/merge-pending";
import { stackDatabases } from "../chosen-database";
import { contextFrom, type Context } from "../context";
import { EXIT } from "../exit-code";
import { table } from "../print/table";

interface MergeFlags {
  readonly table?: string;
  readonly watch?: boolean;
  readonly interval: number;
  readonly database?: string;
}

/** `cdc merge` */
export function register(program: Command): void {
  program
    .command("merge")
    .summary("merge what is staged into the tables")
    .description(
      "Merges staged rows into their tables, one transaction per table: what pg_cron does where it is installed, and what\n" +
        "this command does where it is not. With --watch it goes on until it is interrupted.\n" +
        "Exit codes: 0 fine, 2 error, 3 the merge of a table failed, 130 interrupted.",
    )
    .option("--table <schema.table>", "only this table")
    .option("--watch", "look again and again")
    .option("--interval <seconds>", "pause between two looks", seconds, 5)
    .option("--database <name>", "only this sink database")
    .addHelpText("after", "\nExample:\n  $ cdc merge -s dev\n  $ cdc merge -s prod --watch --interval 2")
    .action(merge);
}

async function merge(flags: MergeFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const configs = (await stackDatabases(context, flags.database)).map(({ config }) => config);
  await mergeOnce(context, configs, flags);
  if (flags.watch === true) await watch(context, configs, flags);
}

async function watch(context: Context, configs: readonly PgConfig[], flags: MergeFlags): Promise<void> {
  const { sleep } = await import("../../lib/retry");
  const { signal } = context.io;
  for (;;) {
    await sleep(flags.interval * 1000, signal).catch(() => undefined);
    if (signal.aborted) return;
    await mergeOnce(context, configs, flags);
  }
}

async function mergeOnce(context: Context, configs: readonly PgConfig[], flags: MergeFlags): Promise<void> {
  const { mergePending, mergeTable } = await import("../../stream/merge-pending");
  const name = flags.table;
  const merged = await Promise.all(
    configs.map(async (config) =>
      name === undefined ? mergePending(config, context.io.signal) : [await mergeTable(config, name)],
    ),
  );
  const all = merged.flat();
  if (all.some(({ error }) => error !== undefined)) context.exitWith(EXIT.unhealthy);
  if (all.length > 0 || flags.watch !== true) context.print(all, () => mergedText(all));
}

const HEAD = ["TABLE", "STAGED", "INSERTED", "UPDATED", "DELETED", "OLDER", "DEAD", "ERROR"];

function mergedText(all: readonly MergedTable[]): string {
  if (all.length === 0) return "nothing is staged";
  const rows = all.map(({ table: name, counts, error }) => {
    const { staged, inserted, updated, deleted, skipped, dead } = counts;
    return [name, ...[staged, inserted, updated, deleted, skipped, dead].map(String), error ?? ""];
  });
  return table(HEAD, rows);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("a number of seconds is needed.");
  return value;
}
