import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** A child's answer to a message of the same number. */
export interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** What a process has used: microseconds of processor time, and bytes of memory. */
export interface ProcessUsage {
  readonly cpu: NodeJS.CpuUsage;
  readonly memory: NodeJS.MemoryUsage;
}

const ENDED = "The stand-in's process has ended.";

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** Sends messages to a child process and waits for their answers. */
export class ChildCalls {
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
      for (const { reject } of this.waiting.values()) reject(new Error(ENDED));
      this.waiting.clear();
    });
  }

  send<T>(message: object): Promise<T> {
    if (!this.child.connected) return Promise.reject(new Error(ENDED));
    const id = ++this.lastId;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.send({ ...message, id });
    });
  }

  /** Ends the child, if it still runs, and waits for that. */
  async end(signal?: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}
