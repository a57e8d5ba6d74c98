import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../sandbox/free-port";
import { startPostgres } from "../../sandbox/postgres";
import { temporaryDirectory } from "../../sandbox/postgres/binaries";
import { TcpRelay } from "../harness/tcp-relay";
import type { OwnServer } from "./fault";
import { SinkSide } from "./sink-side";
import { SourceSide } from "./source-side";
import type { Workers } from "./worker";

/** A sink, and a place for a source, where one run after the other is done. */
export interface Lane {
  readonly side: SourceSide;
  readonly sink: SinkSide;
  readonly relay: TcpRelay;
  readonly server: OwnServer | undefined;
  readonly workers: Workers;
  close(): Promise<void>;
}

// A commit that was answered must be there after a crash. The disk itself doesn't fail, so it needn't be waited for.
const SETTINGS = { fsync: "off", full_page_writes: "off", max_connections: 60, autovacuum_naptime: "10min" };

/** Opens a lane on the server of the test run. */
export async function openLane(workers: Workers): Promise<Lane> {
  return laneOf(workers, await SinkSide.open(), undefined);
}

/** Opens a lane with a PostgreSQL of its own, which may be killed. */
export async function openOwnLane(workers: Workers): Promise<Lane> {
  const port = await freePort();
  // One that nobody named goes when the server is stopped.
  const dataDirectory = join(temporaryDirectory(), `pulumi-cdc-${randomUUID()}`);
  const start = () => startPostgres({ port, dataDirectory, settings: SETTINGS });
  const server: OwnServer = {
    current: await start(),
    startAgain: async () => {
      server.current = await start();
    },
  };
  const { host, user, password } = server.current;
  const lane = await laneOf(workers, await SinkSide.open({ host, port, user, password }), server);
  const close = async (): Promise<void> => {
    await lane.close();
    await rm(dataDirectory, { recursive: true, force: true });
  };
  return { ...lane, close };
}

async function laneOf(workers: Workers, sink: SinkSide, server: OwnServer | undefined): Promise<Lane> {
  const side = new SourceSide();
  const relay = await TcpRelay.open(sink.config.port, {});
  const close = async (): Promise<void> => {
    await side.close();
    await relay.close();
    await sink.close();
    await server?.current.stop();
  };
  return { side, sink, relay, server, workers, close };
}
