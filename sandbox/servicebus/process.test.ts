import { ServiceBusClient } from "@azure/service-bus";
import { join } from "node:path";
import { startServiceBusProcess } from "./child";

const entry = join(__dirname, "../../dist/sandbox/servicebus/process.js");

test("in a process of its own it takes the same orders, and ends by a signal", async () => {
  const bus = await startServiceBusProcess({}, entry);
  await bus.control("createQueue", "far", { requiresDuplicateDetection: true });
  await bus.control("record", "far");
  const client = new ServiceBusClient(bus.connectionString);
  await client.createSender("far").sendMessages([1, 1, 2].map((n) => ({ body: n, messageId: `m${String(n)}` })));
  await client.close();
  expect(await bus.control("counts", "far")).toEqual({ active: 2, scheduled: 0, deadLetters: 0 });
  expect((await bus.control("arrivals", "far")).map(({ messageId }) => messageId)).toEqual(["m1", "m2"]);
  await expect(bus.control("counts", "nowhere")).rejects.toThrow("could not be found");
  expect((await bus.usage()).memory.rss).toBeGreaterThan(0);
  await bus.stop("SIGKILL");
  await expect(bus.control("counts", "far")).rejects.toThrow();
});
