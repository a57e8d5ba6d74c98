import { closePools } from "../../../databases/postgres/pool";
import { CdcError } from "../../../lib/errors";
import { readLines } from "../../../stream/envelope/lines";
import { Load } from "../../../stream/load";
import { openPostgresSink, type PostgresSink } from "../../../stream/sinks/postgres";
import { isTransient } from "../../../stream/sinks/session";
import type { Batch } from "../../sdk/batch";
import type { OutputProvider } from "../../sdk/provider";
import { ProviderError } from "../../sdk/provider-error";
import { connectionOf, type PostgresOutputConfig } from "./config";

const NO_NAME = "load";

/** Writes what comes into the deployed tables of a database. */
export function postgresOutput(): OutputProvider<PostgresOutputConfig> {
  let sink: PostgresSink | undefined;
  let load: Load | undefined;
  let dead = 0;
  return {
    async open(config, { task, lease, log }) {
      const { pipeline = task ?? NO_NAME, table } = config;
      const tell = (text: string): void => log.warn(text);
      const given = lease === undefined ? {} : { lease };
      sink = await orAgain(openPostgresSink(connectionOf(config), { pipeline, onWait: tell, onRetry: tell, ...given }));
      load = new Load(sink, table === undefined ? {} : { table });
    },
    async write(batch, { log }) {
      if (load === undefined) throw new Error("the output is not open");
      await orAgain(writeBatch(load, batch));
      const { dead: all, reasons } = load.result();
      if (all > dead) log.warn(`${String(all - dead)} changes went to the dead letters: ${reasons.join("; ")}`);
      dead = all;
    },
    async close() {
      await sink?.close();
      await closePools();
    },
  };
}

/** All of it is committed then. */
async function writeBatch(load: Load, { lines }: Batch): Promise<void> {
  for await (const part of readLines(only(lines))) for (const line of part) await load.take(line);
  await load.flush();
}

async function* only(lines: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield lines;
}

/** What may pass ends this run, and the task is started again. */
async function orAgain<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof CdcError) || !isTransient(error.cause)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new ProviderError(error.code, error.message, { retryable: true, cause: error, ...hint });
  }
}
