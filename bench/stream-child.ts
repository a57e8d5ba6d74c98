import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { StreamOrder, StreamReport } from "./stream-process";

/** The product in a process of its own, so that its processor time and memory are its own. */
export interface StreamChild {
  readonly pid: number;
  report(): Promise<StreamReport>;
  /** Resolves to its last report when it has ended by itself; rejects when it failed. */
  readonly ended: Promise<StreamReport>;
  /** Stops it gracefully. */
  stop(): Promise<StreamReport>;
}

/** Starts a stream; it ends with `stop()`, by itself with `once`, or with this process. */
export function startStream(order: StreamOrder): StreamChild {
  const child = fork(join(__dirname, "stream-process.js"), [], { serialization: "advanced" });
  const ended = new Promise<StreamReport>((resolve, reject) => {
    child.on("message", (report: StreamReport) => {
      if (report.ended) resolve(report);
    });
    child.once("exit", (code) => reject(new Error(`the stream's process ended with ${String(code)}`)));
  });
  ended.then(
    () => child.disconnect(),
    () => undefined,
  );
  child.send(order);
  return {
    pid: child.pid ?? 0,
    ended,
    report() {
      child.send("report");
      const told = once(child, "message") as Promise<[StreamReport]>;
      return Promise.race([told.then(([report]) => report), ended]);
    },
    stop() {
      child.send("stop");
      return ended;
    },
  };
}

/** Seconds of processor time between two reports. */
export function cpuSeconds(before: Pick<StreamReport, "cpu">, after: Pick<StreamReport, "cpu">): number {
  return (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / 1e6;
}
