import type { ContributionContext } from "../../lifecycle/contribution";
import { serviceBusProblem } from "./config";
import { infrastructure } from "./infrastructure";

const connection_string = "Endpoint=sb://shop.example/;SharedAccessKeyName=cdc;SharedAccessKey=s3cret";
const context: ContributionContext = { task: "t", environment: "task", signal: new AbortController().signal };
const upstream = (...names: readonly string[]) => ({
  resources: [],
  tables: names.map((name) => ({
    schema: name.split(".")[0] ?? "",
    table: name.split(".")[1] ?? "",
    database: "Shop",
  })),
});

test("every table that the input reads gets a queue, and the dead letters one without sessions", async () => {
  const config = { connection_string, queue_settings: { lock_duration: "PT2M" } };
  const { resources } = await infrastructure.contribute(config, upstream("dbo.Persons", "dbo.Orders"), context);
  expect(resources.map(({ type, name }) => `${type} ${name}`)).toEqual([
    "EventQueue Persons_cdc_events",
    "EventQueue Orders_cdc_events",
    "EventQueue cdc_dead_letters",
  ]);
  expect(resources[0]?.args).toMatchObject({
    connection: "servicebus:task:output",
    name: "Persons_cdc_events",
    requiresSession: true,
    duplicateDetection: true,
    lockDuration: "PT2M",
  });
  expect(resources[2]?.args).toMatchObject({ requiresSession: false });
  expect(JSON.stringify(resources)).not.toContain("s3cret");
});

test("the output's own tables count when the input tells none", async () => {
  const config = { connection_string, tables: ["Persons", { name: "sales.Orders", key: ["Id"] }] };
  const { resources } = await infrastructure.contribute(config, undefined, context);
  expect(resources.map(({ name }) => name)).toEqual(["Persons_cdc_events", "Orders_cdc_events", "cdc_dead_letters"]);
});

test("tables that would share a queue are refused before anything is made", async () => {
  const contributing = infrastructure.contribute({ connection_string }, upstream("dbo.T", "sales.T"), context);
  await expect(contributing).rejects.toMatchObject({ code: "CDC_QUEUE_SHARED" });
});

test("the handlers find the namespace in their environment", () => {
  expect(infrastructure.environment({ connection_string }, context)).toEqual({
    SERVICEBUS_TASK_CONNECTION_STRING: connection_string,
  });
  const identity = { namespace: "shop.example", managed_identity: { client_id: "id" } };
  expect(infrastructure.environment(identity, context)).toEqual({
    SERVICEBUS_TASK_NAMESPACE: "shop.example",
    SERVICEBUS_TASK_CLIENT_ID: "id",
  });
});

test.each([
  [{}, "connection_string or namespace must be set"],
  [{ connection_string: "x" }, "the connection string of Service Bus has no Endpoint"],
  [{ connection_string, queue_templat: "x" }, "queue_templat is no setting of the output servicebus"],
  [{ connection_string, queue_template: "{Table}" }, "names {Table}"],
  [{ connection_string, queue_settings: { lock_duration: "1 minute" } }, "queue_settings: lockDuration"],
  [{ connection_string, oversize: { policy: "claim_check" } }, "claim_check needs connection_string or account_url"],
  [{ connection_string }, undefined],
  [{ namespace: "shop.example" }, undefined],
])("config %j: %s", (config, problem) => {
  const found = serviceBusProblem(config);
  if (problem === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(problem);
});
