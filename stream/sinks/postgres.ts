import type { PgConfig } from "../../databases/postgres/config";
import { errorCode } from "../../databases/postgres/errors";
import { CdcError } from "../../lib/errors";
import type { TableShape } from "../../model/table-shape";
import { copyIntoStaging } from "../../sql/load-statements";
import { SQLSTATE } from "../../sql/sqlstates";
import type { AcquireOptions } from "../leases/acquire-lease";
import type { LeaseToken } from "../leases/lease";
import { takePipelineLease } from "../leases/pipeline-lease";
import type { Batch } from "./batch";
import { copyRows } from "./copy-rows";
import type { DeadEvent } from "./dead-event";
import { recordDeadEvents } from "./dead-letters";
import type { MergeCounts } from "./load-result";
import { mergeStaged } from "./merge-staged";
import { Session, type PgClient, type SessionOptions } from "./session";

/** A point in the transaction of a batch, in order. */
export type SinkStep = "begun" | "copied" | "merged" | "checkpointed" | "committed";

/** Settings of {@link openPostgresSink}. */
export interface PostgresSinkOptions extends SessionOptions, AcquireOptions {
  /** Name of the checkpoints, of the lease, and of `__source` in every row. */
  readonly pipeline: string;
  /** A lease that somebody else keeps for us, anywhere; the pipeline's own is taken when absent. */
  readonly lease?: LeaseToken;
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
const ADMIT = "SELECT cdc_management.admit_token($1, $2)";
const CHECKPOINT = "SELECT cdc_management.record_checkpoint($1, $2, $3, decode($4, 'hex'), $5, $6, $7)";
const READ_CHECKPOINT = `SELECT encode(position, 'hex') AS position FROM cdc_management.checkpoints
  WHERE pipeline = $1 AND schema_name = $2 AND table_name = $3`;

// Frees the locks of a process that was stopped in the middle of a transaction and whose socket stays open.
const SETTINGS = "SET idle_in_transaction_session_timeout = '60s'";

/**
 * Connects, reads the deployed tables, and takes the pipeline's lease or shows the token of the one that was given, which
 * shuts out all holders before.
 * @throws CdcError `CDC_LEASE_HELD`, `CDC_LEASE_LOST`; `CDC_NOT_DEPLOYED` when the database has no management schema.
 */
export async function openPostgresSink(config: PgConfig, options: PostgresSinkOptions): Promise<PostgresSink> {
  const session = new Session(config, { ...options, settings: SETTINGS });
  try {
    const shapes = await readShapes(session);
    const { lease } = options;
    if (lease === undefined) {
      const taken = await takePipelineLease(config, options.pipeline, options);
      return new PostgresSink(session, shapes, taken, options, () => taken.release());
    }
    const sink = new PostgresSink(session, shapes, lease, options);
    await sink.showToken();
    return sink;
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
    private readonly lease: LeaseToken,
    private readonly options: PostgresSinkOptions,
    private readonly release?: () => Promise<void>,
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
    return this.fenced((token) =>
      this.session.run("dead letters", async (client) => {
        await client.query("BEGIN");
        await recordDeadEvents(client, this.pipeline, events);
        await client.query(ADMIT, [this.lease.name, token]);
        await client.query("COMMIT");
      }),
    );
  }

  /** Shuts out all holders before. @throws CdcError `CDC_LEASE_LOST` when a later one was here already. */
  async showToken(): Promise<void> {
    await this.fenced((token) => this.session.run("lease", (client) => client.query(ADMIT, [this.lease.name, token])));
  }

  async close(): Promise<void> {
    await this.release?.();
    await this.session.close();
  }

  private async recordCheckpoint(client: PgClient, batch: Batch, token: string): Promise<string> {
    const place = [this.pipeline, batch.shape.schema, batch.shape.table];
    if (this.release === undefined) await client.query(ADMIT, [this.lease.name, token]);
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
      if (this.lease.token === token) throw this.lost(error);
      return this.fenced(work);
    }
  }

  private lost(cause: unknown): CdcError {
    const { pipeline, release } = this;
    const taken = "Let the other process work. To run both beside each other, give them different --pipeline names.";
    const given =
      "Let the other process work. When the lease was moved to another place, whose tokens are lower, stop every process and delete its row of cdc_management.leases.";
    return new CdcError(
      "CDC_LEASE_LOST",
      `pipeline ${pipeline}: another process has taken over; nothing of this batch was written`,
      { hint: release === undefined ? given : taken, cause },
    );
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
