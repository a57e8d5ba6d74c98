import type { PgConfig } from "../../databases/postgres/config";
import { errorCode } from "../../databases/postgres/errors";
import { CdcError } from "../../lib/errors";
import type { TableShape } from "../../model/table-shape";
import { copyIntoStaging } from "../../sql/load-statements";
import { SQLSTATE } from "../../sql/sqlstates";
import type { Batch } from "./batch";
import { copyRows } from "./copy-rows";
import type { DeadEvent } from "./dead-event";
import { recordDeadEvents } from "./dead-letters";
import { leaseLost, takeLease, type Lease, type LeaseOptions } from "./lease";
import type { MergeCounts } from "./load-result";
import { mergeStaged } from "./merge-staged";
import { Session, type PgClient, type SessionOptions } from "./session";

/** A point in the transaction of a batch, in order. */
export type SinkStep = "begun" | "copied" | "merged" | "checkpointed" | "committed";

/** Settings of {@link openPostgresSink}. */
export interface PostgresSinkOptions extends SessionOptions, LeaseOptions {
  /** Name of the checkpoints, of the lease, and of `__source` in every row. */
  readonly pipeline: string;
  /** Called at each step of a transaction, before the next; for tests that pull the plug there. */
  readonly onStep?: (step: SinkStep, client: PgClient) => void | Promise<void>;
}

/** What became of a batch. */
export interface Written {
  readonly counts: MergeCounts;
  /** The pipeline's checkpoint in this table afterwards, 50 hex digits. */
  readonly checkpoint: string;
}

const SHAPES =
  "SELECT shape FROM cdc_management.merge_control WHERE unregistered_at IS NULL ORDER BY schema_name, table_name";
const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED; SAVEPOINT cdc_copy";
const CHECKPOINT = "SELECT cdc_management.record_checkpoint($1, $2, $3, decode($4, 'hex'), $5, $6, $7)";
const READ_CHECKPOINT = `SELECT encode(position, 'hex') AS position FROM cdc_management.checkpoints
  WHERE pipeline = $1 AND schema_name = $2 AND table_name = $3`;

/**
 * Connects, takes the pipeline's lease and reads the deployed tables.
 * @throws CdcError `CDC_LEASE_HELD`; `CDC_NOT_DEPLOYED` when the database has no management schema.
 */
export async function openPostgresSink(config: PgConfig, options: PostgresSinkOptions): Promise<PostgresSink> {
  const session = new Session(config, options);
  try {
    const shapes = await readShapes(session);
    return new PostgresSink(session, shapes, await takeLease(config, options.pipeline, options), options);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** The deployed tables of a database. */
export async function readShapes(session: Session): Promise<readonly TableShape[]> {
  try {
    const rows = await session.run("deployed tables", (client) => client.query<{ shape: TableShape }>(SHAPES));
    return rows.rows.map((row) => row.shape);
  } catch (error) {
    if (!["42P01", "3F000"].includes(errorCode(error) ?? "")) throw error;
    throw new CdcError(
      "CDC_NOT_DEPLOYED",
      `database ${session.config.database}: no cdc_management schema: nothing is deployed there`,
      {
        hint: "Run `cdc up` for this stack first.",
        cause: error,
      },
    );
  }
}

/** Writes batches into one database: staged, merged, dead letters and checkpoint in one transaction each. */
export class PostgresSink {
  readonly pipeline: string;

  constructor(
    private readonly session: Session,
    readonly shapes: readonly TableShape[],
    private readonly lease: Lease,
    private readonly options: PostgresSinkOptions,
  ) {
    this.pipeline = options.pipeline;
  }

  /**
   * Writes one batch. When the connection breaks, also in the middle of COMMIT, the batch is written again: what the
   * sink already has changes nothing.
   * @throws CdcError; `CDC_LEASE_LOST` when another process has taken over the pipeline.
   */
  write(batch: Batch): Promise<Written> {
    const { schema, table } = batch.shape;
    return this.fenced((token) =>
      this.session.run(`table ${schema}.${table}`, async (client) => {
        await client.query(BEGIN);
        await this.step("begun", client);
        const counts = await stageAndMerge(client, batch, () => this.step("copied", client));
        await this.step("merged", client);
        await recordDeadEvents(client, this.pipeline, batch.dead);
        const checkpoint = await this.recordCheckpoint(client, batch, token);
        await this.step("checkpointed", client);
        await client.query("COMMIT");
        await this.step("committed", client);
        return { counts, checkpoint };
      }),
    );
  }

  /** Writes events that belong to no table to the dead letters. */
  writeDead(events: readonly DeadEvent[]): Promise<void> {
    return this.session.run("dead letters", async (client) => {
      await client.query("BEGIN");
      await recordDeadEvents(client, this.pipeline, events);
      await client.query("COMMIT");
    });
  }

  async close(): Promise<void> {
    await this.lease.release();
    await this.session.close();
  }

  private async recordCheckpoint(client: PgClient, batch: Batch, token: string): Promise<string> {
    const place = [this.pipeline, batch.shape.schema, batch.shape.table];
    await client.query(CHECKPOINT, [...place, batch.highest, batch.events, this.lease.name, token]);
    const { rows } = await client.query<{ position: string }>(READ_CHECKPOINT, place);
    return rows[0]?.position ?? "";
  }

  private async fenced<T>(work: (token: string) => Promise<T>): Promise<T> {
    const { token } = this.lease;
    try {
      return await work(token);
    } catch (error) {
      if (errorCode(error) !== SQLSTATE.staleLease) throw error;
      if (this.lease.token === token) throw leaseLost(this.pipeline, error);
      return this.fenced(work);
    }
  }

  private async step(step: SinkStep, client: PgClient): Promise<void> {
    await this.options.onStep?.(step, client);
  }
}

/** Copies the batch into staging and merges it, in the caller's transaction, which has set SAVEPOINT cdc_copy. */
export async function stageAndMerge(
  client: PgClient,
  batch: Batch,
  copied?: () => Promise<void>,
): Promise<MergeCounts> {
  const { shape, encoder } = batch;
  await copyRows(client, copyIntoStaging(shape, encoder.columns), batch);
  await copied?.();
  return mergeStaged(client, shape);
}
