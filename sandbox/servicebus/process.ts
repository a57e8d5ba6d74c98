import { once } from "node:events";
import type { Reply } from "../child-calls";
import type { Order, StartOrder } from "./process-orders";
import { startServiceBus, type RunningServiceBus } from ".";

/** The stand-in as a process of its own: started by `startServiceBusProcess`, told what to do by its messages. */
async function main(): Promise<void> {
  const [start] = (await once(process, "message")) as [StartOrder];
  const bus = await startServiceBus(start.options);
  const { host, port, connectionString, certificate } = bus;
  answer({ id: start.id, result: { host, port, connectionString, certificate } });
  process.on("message", (order: Order) => {
    obey(bus, order);
  });
  // Whoever started it is gone, so nobody needs it.
  process.on("disconnect", () => process.exit(0));
}

function obey(bus: RunningServiceBus, order: Order): void {
  try {
    answer({ id: order.id, result: perform(bus, order) });
  } catch (error) {
    answer({ id: order.id, error: error instanceof Error ? error.message : String(error) });
  }
}

function perform({ control }: RunningServiceBus, order: Order): unknown {
  if (order.do === "usage") return { cpu: process.cpuUsage(), memory: process.memoryUsage() };
  const methods = control as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
  return methods[order.method]?.(...order.args);
}

function answer(reply: Reply): void {
  process.send?.(reply);
}

void main();
