import type { Command } from "commander";
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { LoadOptions, LoadResult } from "../../stream/load";
import { stackDatabase } from "../chosen-database";
import { contextFrom, type Context } from "../context";
import { EXIT } from "../exit-code";
import { counted } from "../print/nouns";
import { positive } from "../number-words";

interface LoadFlags {
  readonly table?: string;
  readonly pipeline: string;
  readonly batchRows?: number;
  readonly database?: string;
  readonly strict?: boolean;
}

const CHUNK_BYTES = 256 * 1024;
/** A pipe that falls silent for so long gets what it sent written. */
const IDLE_MS = 1_000;

/** `cdc load` */
export function register(program: Command): void {
  program
    .command("load")
    .argument("<file>", "envelopes, one JSON object a line (NDJSON); - reads stdin")
    .summary("load change events from a file or a pipe")
    .description(
      "Streams envelopes through staging and merge, one transaction per batch with its checkpoint. It may be stopped at\n" +
        "any point and repeated: what the sink already has changes nothing. Events that cannot be stored go to the dead\n" +
        "letters with their reason and stop nobody.\n" +
        "Exit codes: 0 fine (also with dead letters, which are counted), 2 error, 3 dead letters with --strict, 130 interrupted.",
    )
    .option("--table <schema.table>", "load every event into this table, whatever its metadata say")
    .option("--pipeline <name>", "name of the checkpoints and of the lease; two loads of one name take turns", "load")
    .option("--batch-rows <count>", "events per transaction (default 50000)", positive)
    .option("--database <name>", "sink database, when the stack has several")
    .option("--strict", "exit with 3 when events went to the dead letters")
    .addHelpText(
      "after",
      "\nExample:\n  $ cdc load changes.ndjson -s dev\n  $ zcat changes.ndjson.gz | cdc load - -s dev",
    )
    .action(load);
}

async function load(file: string, flags: LoadFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { config } = await stackDatabase(context, flags.database);
  const { loadEnvelopes } = await import("../../stream/load");
  const { openPostgresSink } = await import("../../stream/sinks/postgres");
  const onWait = (text: string): void => context.note(text);
  const sink = await openPostgresSink(config, { pipeline: flags.pipeline, onWait, onRetry: onWait });
  const input = openInput(context, file);
  const progress = context.progress(`loading ${file === "-" ? "stdin" : file}`);
  try {
    let shown = 0;
    let told = 1;
    const onProgress: LoadOptions["onProgress"] = ({ committed, dead }) => {
      progress.add(committed - shown);
      shown = committed;
      // At 1, 10, 100 and so on: enough to stop a load that goes wrong.
      if (dead >= told) progress.above(() => context.note(`${counted(dead, "dead letter")} so far`));
      while (dead >= told) told *= 10;
    };
    const result = await loadEnvelopes(sink, input.chunks, {
      ...optionsOf(flags, file),
      signal: context.io.signal,
      onProgress,
    });
    progress.end();
    report(context, result, flags);
  } finally {
    progress.end();
    input.close();
    await sink.close();
  }
}

function optionsOf(flags: LoadFlags, file: string): LoadOptions {
  return {
    ...(flags.table === undefined ? {} : { table: flags.table }),
    ...(flags.batchRows === undefined ? {} : { batchRows: flags.batchRows }),
    ...(file === "-" ? { idleMs: IDLE_MS } : {}),
  };
}

type Source = AsyncIterable<Buffer | string> & { readonly destroy?: () => unknown };

function openInput(context: Context, file: string): { chunks: AsyncIterable<Buffer>; close: () => void } {
  const { stdin, cwd, signal } = context.io;
  const source: Source = file === "-" ? stdin : createReadStream(resolve(cwd, file), { highWaterMark: CHUNK_BYTES });
  // A read that waits for more ends when the user interrupts.
  const stop = (): void => void source.destroy?.();
  signal.addEventListener("abort", stop, { once: true });
  return {
    chunks: buffers(source, signal),
    close: () => {
      signal.removeEventListener("abort", stop);
      stop();
    },
  };
}

async function* buffers(source: Source, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of source) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function report(context: Context, result: LoadResult, flags: LoadFlags): void {
  for (const note of result.notes) context.note(context.paint.yellow(note));
  if (result.dead > 0) {
    for (const reason of result.reasons) context.note(context.paint.yellow(`dead letter: ${reason}`));
    context.note(
      `${count(result.dead)} events went to the dead letters: see \`cdc dead-letters list -s ${context.options.stack}\``,
    );
    if (flags.strict === true) context.exitWith(EXIT.unhealthy);
  }
  context.print(result, () => resultText(result));
}

/** What a load did, for humans. */
export function resultText(result: LoadResult): string {
  const { merged, events, committed, dead, durationMs } = result;
  const rate = Math.round(committed / Math.max(durationMs / 1000, 0.001));
  const tables = Object.entries(result.tables).map(
    ([name, table]) => `  ${name}: ${count(table.events)} events, checkpoint 0x${table.checkpoint.slice(0, 20)}`,
  );
  const stopped = result.interrupted ? ` (interrupted: ${count(events)} were read)` : "";
  return [
    `loaded ${count(committed)} events in ${(durationMs / 1000).toFixed(1)} s, ${count(rate)}/s${stopped}`,
    `  inserted ${count(merged.inserted)}, updated ${count(merged.updated)}, deleted ${count(merged.deleted)}, ` +
      `nothing newer ${count(merged.skipped)}, dead ${count(dead)}`,
    ...tables,
  ].join("\n");
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
