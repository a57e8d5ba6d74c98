import { fork } from "node:child_process";
import { join } from "node:path";
import { ChildCalls, type ProcessUsage } from "../child-calls";
import type { FeedOptions } from "./feed/change-feed";
import type { SqlServerControl } from "./control";
import type { RemoteMethod, Work } from "./process-orders";
import type { SqlServerOptions } from ".";

/** What a feed has made so far. */
export interface FeedCount {
  readonly changes: number;
  readonly transactions: number;
}

/** A feed in another process. */
export interface RemoteFeed {
  /** Makes so many changes per second from now on; 0 stops. */
  rate(perSecond: number): Promise<FeedCount>;
  /** Makes so many changes now. */
  make(changes: number): Promise<FeedCount>;
}

/** What the process has used, and the requests it has answered. */
export interface SqlServerUsage extends ProcessUsage {
  /** Of all clients. */
  readonly requests: number;
}

/** A SQL Server stand-in in a process of its own, so that it doesn't take time from the one that measures. */
export interface SqlServerProcess {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly url: string;
  readonly pid: number;
  /** Calls a method of the stand-in's control. Handles that can be released or stopped don't come back. */
  control<M extends RemoteMethod>(
    method: M,
    ...args: Parameters<SqlServerControl[M]>
  ): Promise<Exclude<ReturnType<SqlServerControl[M]>, object>>;
  /** Makes a feed; the name replaces the one of that name. */
  feed(name: string, database: string, options: FeedOptions): Promise<RemoteFeed>;
  usage(): Promise<SqlServerUsage>;
  stop(): Promise<void>;
}

/** Young objects live long in change tables; a larger nursery keeps the collector from copying them often. */
const NODE_OPTIONS = ["--max-semi-space-size=32"];

/**
 * Starts the stand-in in a process of its own. It ends with `stop()` or with this process.
 * @param entry compiled `process.js`, where this file runs uncompiled
 */
export async function startSqlServerProcess(
  options: SqlServerOptions = {},
  entry = join(__dirname, "process.js"),
): Promise<SqlServerProcess> {
  const child = fork(entry, [], { serialization: "advanced", execArgv: NODE_OPTIONS });
  const calls = new ChildCalls(child);
  const address = await calls.send<Pick<SqlServerProcess, "host" | "port" | "user" | "password" | "url">>({ options });
  const ask = <T>(work: Work) => calls.send<T>(work);
  return {
    ...address,
    pid: child.pid ?? 0,
    control: (method, ...args) => ask({ do: "control", method, args }),
    async feed(name, database, feedOptions) {
      await ask({ do: "feed", name, database, options: feedOptions });
      return {
        rate: (perSecond) => ask({ do: "rate", name, perSecond }),
        make: (changes) => ask({ do: "make", name, changes }),
      };
    },
    usage: () => ask({ do: "usage" }),
    stop: () => calls.end(),
  };
}
