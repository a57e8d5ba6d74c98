import type { PgConfig } from "../../databases/postgres/config";
import { toCdcError } from "../../databases/postgres/errors";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { CdcError } from "../../lib/errors";
import { NO_LSN } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import type { SourceTopology, Topology } from "../../model/topology";
import { readShapes } from "../sinks/postgres";
import { Session } from "../sinks/session";
import type { CaptureInstance } from "../sources/capture-instance";
import { CaptureReader } from "../sources/capture-reader";
import { shapesOfSource } from "../sources/shapes-of-source";
import type { StreamProblem } from "../stream-events";
import type { VerifiedTable, VerifyResult } from "./differences";
import { openTable, type VerifyTarget } from "./open-table";
import { TableVerifier, type VerifySettings } from "./verify-table";

/** What to compare, and how. */
export interface VerifyOptions extends Partial<Pick<VerifySettings, "limit" | "graceMs" | "settleMs" | "chunkRows">> {
  readonly pipeline: string;
  readonly topology: Topology;
  readonly sourceConfig: (connection: string, database: string) => MsSqlConfig;
  readonly serverName: (connection: string) => string;
  readonly sink: PgConfig;
  /** Only tables for which it says so. */
  readonly wanted?: (shape: TableShape, source: SourceTopology) => boolean;
  /** Tables at once; default 3. */
  readonly parallel?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: VerifyProgress) => void;
}

/** How far a comparison is. */
export interface VerifyProgress {
  readonly tables: number;
  readonly doneTables: number;
  /** Rows compared so far. */
  readonly rows: number;
}

const PARALLEL = 3;
const LIMIT = 20;
// The capture job's own pause is 5 s unless somebody changed it.
const GRACE_MS = 6_000;
const SETTLE_MS = 60_000;

/**
 * Compares tables of the sink with their sources, row by row in the sink's own types; writes nothing but temporary tables.
 * What fails at one table is told with it and stops no other.
 * @throws CdcError when the sink cannot be reached or nothing is deployed there; the signal's reason.
 */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  const started = Date.now();
  const targets = await targetsOf(options);
  const progress = { tables: targets.length, doneTables: 0, rows: 0 };
  const tell = (): void => options.onProgress?.({ ...progress });
  const tables = new Array<VerifiedTable>(targets.length);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < targets.length; index = next++) {
      const target = targets[index] as Target;
      tables[index] = await verifyOne(target, options, (rows) => {
        progress.rows += rows;
        tell();
      });
      progress.doneTables += 1;
      tell();
    }
  };
  await Promise.all(Array.from({ length: options.parallel ?? PARALLEL }, work));
  return { equal: tables.every(({ equal }) => equal), tables, durationMs: Date.now() - started };
}

type Target = Omit<VerifyTarget, "instances"> & { readonly instances: readonly CaptureInstance[] | StreamProblem };

async function targetsOf(options: VerifyOptions): Promise<Target[]> {
  const session = new Session(options.sink);
  const shapes = await readShapes(session).finally(() => session.close());
  const targets: Target[] = [];
  for (const source of options.topology.sources) {
    const own = shapesOfSource(shapes, source).filter((shape) => options.wanted?.(shape, source) ?? true);
    if (own.length === 0) continue;
    const config = options.sourceConfig(source.connection, source.database);
    const sourceName = `${options.serverName(source.connection)}/${source.database}`;
    const instances = await readInstances(config, source, options.signal);
    targets.push(...own.map((shape) => ({ sourceName, config, shape, instances })));
  }
  // By name: in which order tables are stored depends on what was last written.
  return targets.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

function nameOf({ shape, sourceName }: Target): string {
  return JSON.stringify([shape.schema, shape.table, sourceName]);
}

// A source without capture can be compared, too; one that cannot be reached is a problem of its tables.
async function readInstances(
  config: MsSqlConfig,
  source: SourceTopology,
  signal: AbortSignal | undefined,
): Promise<readonly CaptureInstance[] | StreamProblem> {
  try {
    const reader = new CaptureReader(config, source, signal === undefined ? {} : { signal });
    return (await reader.poll(NO_LSN, undefined, 1)).instances;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof CdcError)) throw error;
    return error.code === "CDC_MSSQL_NOT_ENABLED" ? [] : problemOf(error);
  }
}

async function verifyOne(
  { instances, ...target }: Target,
  options: VerifyOptions,
  onRows: (rows: number) => void,
): Promise<VerifiedTable> {
  const started = Date.now();
  const { shape, sourceName, config } = target;
  const { limit = LIMIT, graceMs = GRACE_MS, settleMs = SETTLE_MS, chunkRows, signal, pipeline } = options;
  const settings = { pipeline, limit, graceMs, settleMs, onRows, ...(signal === undefined ? {} : { signal }) };
  const about = {
    source: sourceName,
    sourceTable: `${shape.source.schema}.${shape.source.table}`,
    schema: shape.schema,
    table: shape.table,
    ...(shape.tenant === undefined ? {} : { tenant: shape.tenant }),
  };
  const failed = (problem: StreamProblem) => ({ ...about, ...NOTHING, problem, durationMs: Date.now() - started });
  if ("code" in instances) return failed(instances);
  const session = new Session(options.sink, { attempts: 1 });
  try {
    const verified = await session.run(`table ${shape.schema}.${shape.table}`, async (client) => {
      const table = await openTable(client, { ...target, config, instances }, signal);
      const fixed = chunkRows === undefined ? {} : { chunkRows };
      return new TableVerifier(client, table, { ...settings, ...fixed }).run();
    });
    return { ...about, ...verified, durationMs: Date.now() - started };
  } catch (error) {
    signal?.throwIfAborted();
    return failed(problemOf(error instanceof CdcError ? error : toCdcError(error, options.sink)));
  } finally {
    await session.close();
  }
}

const NOTHING = {
  rows: 0,
  equal: false,
  counts: { missing: 0, extra: 0, different: 0, refused: 0 },
  differences: [],
  unsettled: 0,
} as const;

function problemOf({ code, message, hint }: CdcError): StreamProblem {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
