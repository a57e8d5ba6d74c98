import type { SinkTable } from "../../model/sink";
import type { SnapshotMode, SourceTopology } from "../../model/topology";
import { closePools } from "../../databases/postgres/pool";
import type { StreamOptions, StreamResult } from "../../stream/run/options";
import { Stream } from "../../stream/run/stream";
import type { StreamEvent } from "../../stream/stream-events";
import { openCaptureLab, type CaptureLab } from "./capture-lab";
import { createTestDatabase, type TestDatabase } from "./database";
import { deployTables } from "./deploy-tables";

/** A source database with change data capture and a sink database, each of one test file. */
export interface StreamLab {
  readonly source: CaptureLab;
  readonly sink: TestDatabase;
  /** What the streams told, in order. */
  readonly events: StreamEvent[];
  /** Deploys tables into the sink. */
  deploy(tables: readonly SinkTable[]): Promise<void>;
  topology(tables: readonly string[], snapshot?: SnapshotMode): SourceTopology;
  options(more: Partial<StreamOptions> & Pick<StreamOptions, "topology">): StreamOptions;
  /** Runs until everything that is captured now is in the sink. */
  once(tables: readonly string[], more?: Partial<StreamOptions>): Promise<StreamResult>;
  /** Runs until it is stopped. */
  start(tables: readonly string[], more?: Partial<StreamOptions>): RunningStream;
  /** Rows of a query at the sink as text. */
  rows(sql: string): Promise<string[]>;
  close(): Promise<void>;
}

/** A stream that runs beside the test. */
export interface RunningStream {
  readonly stream: Stream;
  stop(): Promise<StreamResult>;
}

/** Opens both sides. @param pollingIntervalMs Interval of the source's capture job. */
export async function openStreamLab(pollingIntervalMs = 10): Promise<StreamLab> {
  const source = await openCaptureLab(pollingIntervalMs);
  const sink = await createTestDatabase();
  const events: StreamEvent[] = [];
  const topology = (tables: readonly string[], snapshot: SnapshotMode = "initial"): SourceTopology => ({
    connection: "source:dev:erp",
    database: source.database,
    tenants: [],
    tables: tables.map((table) => ({ schema: "dbo", table, snapshot, ownInstances: [] })),
  });
  const options: StreamLab["options"] = (more) => ({
    pipeline: "stream",
    sourceConfig: () => source.config,
    serverName: () => "erp",
    sink: sink.config,
    signal: new AbortController().signal,
    pollMs: { min: 5, max: 50 },
    longestRetryMs: 200,
    leaseTtlMs: 1_500,
    onEvent: (event) => events.push(event),
    ...more,
  });
  return {
    source,
    sink,
    events,
    deploy: (tables) => deployTables(sink, tables),
    topology,
    options,
    once: (tables, more = {}) =>
      new Stream(options({ topology: { sources: [topology(tables)] }, once: true, ...more })).run(),
    start(tables, more = {}) {
      const control = new AbortController();
      const stream = new Stream(
        options({ topology: { sources: [topology(tables)] }, signal: control.signal, ...more }),
      );
      const ended = stream.run();
      ended.catch(() => undefined);
      return {
        stream,
        stop: () => {
          control.abort();
          return ended;
        },
      };
    },
    rows: async (sql) => {
      const { rows } = await sink.query(sql);
      return rows.map((row) => Object.values(row).map(String).join(" "));
    },
    async close() {
      await closePools();
      await source.close();
      await sink.drop();
    },
  };
}
