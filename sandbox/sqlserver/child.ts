import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { FeedOptions } from "./feed/change-feed";
import type { SqlServerControl } from "./control";
import type { RemoteMethod, Reply, Work } from "./process-orders";
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

/** What the process has used, microseconds of processor time and bytes of memory, and the requests it has answered. */
export interface ProcessUsage {
  readonly cpu: NodeJS.CpuUsage;
  readonly memory: NodeJS.MemoryUsage;
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
  usage(): Promise<ProcessUsage>;
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
  const caller = new Caller(child);
  const address = await caller.send<Pick<SqlServerProcess, "host" | "port" | "user" | "password" | "url">>({ options });
  const ask = <T>(work: Work) => caller.send<T>(work);
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
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** Sends messages and waits for their answers. */
class Caller {
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  constructor(private readonly child: ChildProcess) {
    child.on("message", ({ id, result, error }: Reply) => {
      const waiting = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) waiting?.resolve(result as never);
      else waiting?.reject(new Error(error));
    });
    child.on("exit", () => {
      for (const { reject } of this.waiting.values()) reject(new Error("The stand-in's process has ended."));
      this.waiting.clear();
    });
  }

  send<T>(message: object): Promise<T> {
    const id = ++this.lastId;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.send({ ...message, id });
    });
  }
}
