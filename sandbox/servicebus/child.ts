import { fork } from "node:child_process";
import { join } from "node:path";
import { ChildCalls, type ProcessUsage } from "../child-calls";
import type { ServiceBusControl } from "./control";
import type { Work } from "./process-orders";
import type { ServiceBusOptions } from ".";

/** A Service Bus stand-in in a process of its own, so that it doesn't take time from the one that measures. */
export interface ServiceBusProcess {
  readonly host: string;
  readonly port: number;
  readonly connectionString: string;
  /** The certificate for TLS, as PEM. */
  readonly certificate: string;
  readonly pid: number;
  /** Calls a method of the stand-in's control. */
  control<M extends keyof ServiceBusControl>(
    method: M,
    ...args: Parameters<ServiceBusControl[M]>
  ): Promise<ReturnType<ServiceBusControl[M]>>;
  usage(): Promise<ProcessUsage>;
  /** Ends it, by the signal if one is given. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Messages live until they are received; a larger nursery keeps the collector from copying them often. */
const NODE_OPTIONS = ["--max-semi-space-size=32"];

/**
 * Starts the stand-in in a process of its own. It ends with `stop()` or with this process.
 * @param entry compiled `process.js`, where this file runs uncompiled
 */
export async function startServiceBusProcess(
  options: ServiceBusOptions = {},
  entry = join(__dirname, "process.js"),
): Promise<ServiceBusProcess> {
  const child = fork(entry, [], { serialization: "advanced", execArgv: NODE_OPTIONS });
  const calls = new ChildCalls(child);
  type Address = Pick<ServiceBusProcess, "host" | "port" | "connectionString" | "certificate">;
  const address = await calls.send<Address>({ options });
  const ask = <T>(work: Work) => calls.send<T>(work);
  return {
    ...address,
    pid: child.pid ?? 0,
    control: (method, ...args) => ask({ do: "control", method, args }),
    usage: () => ask({ do: "usage" }),
    stop: (signal) => calls.end(signal),
  };
}
