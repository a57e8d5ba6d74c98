import { configFor, contributionsOf } from "./upstream";
import type { LifecycleTask, TaskSide } from "./task-side";

const command = { file: "true", args: [] };
const tables = ["Orders", { name: "sales.Customers", columns: ["Id"] }, { name: "[dbo].[Order.Lines]" }];
const input: TaskSide = { role: "input", name: "./in", config: { tables }, secrets: [], command };

function taskWith(output: TaskSide): LifecycleTask {
  const signal = new AbortController().signal;
  return { name: "t", directory: "t", input, output, engine: "built-in", signal, env: {} };
}

test("an external output is told the tables of its input, however they are written", () => {
  const output: TaskSide = { role: "output", name: "./out", config: { queue: "q" }, secrets: [], command };
  expect(configFor(taskWith(output), output)).toEqual({
    queue: "q",
    upstream: { tables: ["Orders", "sales.Customers", "[dbo].[Order.Lines]"] },
  });
  expect(configFor(taskWith(output), input)).toBe(input.config);
});

test("a built-in output gets a queue for each, and none for what is no table", async () => {
  const { infrastructure } = await import("../providers/servicebus/infrastructure");
  const config = { connection_string: "Endpoint=sb://x.example/;SharedAccessKeyName=a;SharedAccessKey=b" };
  const output: TaskSide = { role: "output", name: "servicebus", config, secrets: [], infrastructure };
  const odd = { ...input, config: { tables: [...tables, 7, null, { columns: ["Id"] }] } };
  const { output: made } = await contributionsOf({ ...taskWith(output), input: odd });
  expect(made.resources.map(({ name }) => name)).toEqual([
    ...["Orders_cdc_events", "Customers_cdc_events", "Order.Lines_cdc_events", "cdc_dead_letters"],
  ]);
});
