import { randomBytes } from "node:crypto";
import type { PgConfig } from "../../databases/postgres/config";
import { openCopy } from "../../databases/postgres/copy";
import { NO_LSN, type Lsn } from "../../model/lsn";
import type { SinkTable } from "../../model/sink";
import { shapeOf, type TableShape } from "../../model/table-shape";
import { copyIntoStaging } from "../../sql/load-statements";
import { copyChanges, stagingColumnsOf } from "../../stream/copy/change-copier";
import type { SnapshotContext, SnapshotProgress } from "../../stream/run/snapshot-context";
import type { StreamStep } from "../../stream/run/steps";
import { Session } from "../../stream/sinks/session";
import { mergeStaged } from "../../stream/sinks/merge-staged";
import type { CaptureInstance } from "../../stream/sources/capture-instance";
import { CaptureReader } from "../../stream/sources/capture-reader";
import { openCapturedDatabase, type CapturedDatabase } from "./captured-database";
import { createTestDatabase, type TestDatabase } from "./database";
import { deployTables } from "./deploy-tables";

const WRITERS = 4;
const PASSWORD = "only for this test";

/** Settings of one table's snapshot. */
export interface LabSnapshot {
  readonly chunkRows?: number;
  /** Name of the instance to read the columns of; default `dbo_<table>`. */
  readonly instance?: string;
  readonly onStep?: (step: StreamStep) => Promise<void> | void;
}

/** A source and a sink, and the least of a stream that a snapshot needs: transactions, progress, and changes beside it. */
export interface SnapshotLab {
  readonly source: CapturedDatabase;
  readonly sink: TestDatabase;
  /** The sink as the stream reaches it: by the application role when there is one. */
  readonly sinkConfig: PgConfig;
  deploy(...tables: SinkTable[]): Promise<void>;
  shape(table: SinkTable): TableShape;
  context(shape: TableShape, settings?: LabSnapshot): Promise<SnapshotContext>;
  /** What the last transaction recorded for the table. */
  progress(shape: TableShape): Promise<SnapshotProgress | undefined>;
  maxLsn(): Promise<Lsn>;
  /** Merges the changes behind a position, up to what is captured now; answers that. */
  drain(shape: TableShape, after: Lsn, instance?: string): Promise<Lsn>;
  close(): Promise<void>;
}

/** Opens both sides. With `applicationRole` the sink is used by a role that has the deployment's grants only. */
export async function openSnapshotLab(options: { readonly applicationRole?: boolean } = {}): Promise<SnapshotLab> {
  const source = await openCapturedDatabase();
  const sink = await createTestDatabase();
  await sink.query("CREATE TABLE progress (name text PRIMARY KEY, value jsonb)");
  const role = options.applicationRole === true ? `snapshots_${randomBytes(4).toString("hex")}` : undefined;
  if (role !== undefined)
    await sink.query(`CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'; GRANT ALL ON progress TO ${role}`);
  const sinkConfig = role === undefined ? sink.config : { ...sink.config, user: role, password: PASSWORD };
  const sourceTopology = { connection: "source:dev:test", database: source.config.database, tenants: [], tables: [] };
  const reader = new CaptureReader(source.config, sourceTopology);
  const sessions = Array.from({ length: WRITERS }, () => ({
    session: new Session(sinkConfig),
    free: Promise.resolve(),
  }));
  let turn = 0;
  /** On the next of the sessions, when it is free. */
  const inTurn = <T>(name: string, work: Parameters<typeof Session.prototype.run<T>>[1]): Promise<T> => {
    const writer = sessions[(turn += 1) % WRITERS] as (typeof sessions)[number];
    const done = writer.free.then(() => writer.session.run(name, work));
    writer.free = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  };
  const poll = () => reader.poll(NO_LSN, undefined, 1_000);
  const instanceOf = async (name: string): Promise<CaptureInstance> => {
    const found = (await poll()).instances.find((instance) => instance.name === name);
    if (found === undefined) throw new Error(`no instance ${name}`);
    return found;
  };
  const nameOf = ({ schema, table }: TableShape): string => `${schema}.${table}`;
  const write =
    (name: string): SnapshotContext["write"] =>
    (work) =>
      inTurn(name, async (client) => {
        await client.query("BEGIN; SAVEPOINT cdc_copy");
        const value = await work(client, async (progress) => {
          const record = "INSERT INTO progress VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
          await client.query(record, [name, JSON.stringify(progress)]);
        });
        await client.query("COMMIT");
        return value;
      });
  const maxLsn = async (): Promise<Lsn> => (await poll()).maxLsn ?? NO_LSN;
  return {
    source,
    sink,
    sinkConfig,
    deploy: (...tables) => deployTables(sink, tables, role),
    shape: (table) => ({ ...shapeOf(table), source: { ...table.source, database: source.config.database } }),
    maxLsn,
    async context(shape, settings = {}) {
      return {
        source: sourceTopology,
        sourceName: `test/${source.config.database}`,
        config: source.config,
        sink: sinkConfig,
        pipeline: "lab",
        shape,
        instance: await instanceOf(settings.instance ?? `dbo_${shape.source.table}`),
        ...(settings.chunkRows === undefined ? {} : { chunkRows: settings.chunkRows }),
        signal: new AbortController().signal,
        write: write(nameOf(shape)),
        step: async (step) => settings.onStep?.(step),
        moved: () => undefined,
        event: () => undefined,
      };
    },
    async progress(shape) {
      const { rows } = await sink.query<{ value: SnapshotProgress }>("SELECT value FROM progress WHERE name = $1", [
        nameOf(shape),
      ]);
      return rows[0]?.value;
    },
    async drain(shape, after, name = `dbo_${shape.source.table}`) {
      const upTo = await maxLsn();
      const instance = await instanceOf(name);
      await write("drain")(async (client) => {
        const copy = openCopy(client, copyIntoStaging(shape, stagingColumnsOf(shape)));
        await copyChanges(source.config, { shape, origin: "lab", instance, after, upTo }, (chunk) => copy.write(chunk));
        await copy.finish();
        await mergeStaged(client, shape);
      });
      return upTo;
    },
    async close() {
      for (const { session } of sessions) await session.close();
      await source.close();
      if (role !== undefined) await sink.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
      await sink.drop();
    },
  };
}
