import { once } from "node:events";
import type { Reply } from "../child-calls";
import type { ChangeFeed } from "./feed/change-feed";
import type { Order, StartOrder } from "./process-orders";
import { startSqlServer, type RunningSqlServer } from ".";

/** The stand-in as a process of its own: started by `startSqlServerProcess`, told what to do by its messages. */
async function main(): Promise<void> {
  const [start] = (await once(process, "message")) as [StartOrder];
  const server = await startSqlServer(start.options);
  const { host, port, user, password, url } = server;
  answer({ id: start.id, result: { host, port, user, password, url } });
  const feeds = new Map<string, ChangeFeed>();
  process.on("message", (order: Order) => {
    void obey(server, feeds, order);
  });
  // Whoever started it is gone, so nobody needs it.
  process.on("disconnect", () => process.exit(0));
}

async function obey(server: RunningSqlServer, feeds: Map<string, ChangeFeed>, order: Order): Promise<void> {
  try {
    answer({ id: order.id, result: await perform(server, feeds, order) });
  } catch (error) {
    answer({ id: order.id, error: error instanceof Error ? error.message : String(error) });
  }
}

function perform(server: RunningSqlServer, feeds: Map<string, ChangeFeed>, order: Order): unknown {
  switch (order.do) {
    case "control": {
      const methods = server.control as unknown as Record<string, (...args: unknown[]) => unknown>;
      const result = methods[order.method]?.(...order.args);
      // What can be held or stopped stays here.
      return typeof result === "object" && !(result instanceof Promise) ? undefined : result;
    }
    case "feed":
      feeds.get(order.name)?.stop();
      feeds.set(order.name, server.control.feed(order.database, order.options));
      return undefined;
    case "rate": {
      const feed = known(feeds, order.name);
      if (order.perSecond > 0) feed.start(order.perSecond);
      else feed.stop();
      return { changes: feed.changes, transactions: feed.transactions };
    }
    case "make": {
      const feed = known(feeds, order.name);
      feed.make(order.changes);
      return { changes: feed.changes, transactions: feed.transactions };
    }
    case "usage":
      return { cpu: process.cpuUsage(), memory: process.memoryUsage(), requests: server.control.requests };
  }
}

function known(feeds: Map<string, ChangeFeed>, name: string): ChangeFeed {
  const feed = feeds.get(name);
  if (!feed) throw new Error(`There is no feed called ${name}.`);
  return feed;
}

function answer(reply: Reply): void {
  process.send?.(reply);
}

void main();
