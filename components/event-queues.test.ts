import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { EventQueues, type EventQueuesArgs } from ".";
import { loadAzure } from "./load-azure";

interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

let recorded: Recorded[];

beforeEach(() => {
  recorded = [];
  void pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => {
      const own = { ...(inputs as Record<string, unknown>), name };
      recorded.push({ type, name, inputs: own });
      return { id: `${name}-id`, state: own };
    },
    call: () => ({}),
  });
});

const TABLES = [
  { schema: "dbo", table: "Persons" },
  { schema: "dbo", table: "Orders" },
];

async function make(args: Partial<EventQueuesArgs>): Promise<EventQueues> {
  const made = new EventQueues("queues", { tables: TABLES, ...args });
  for (let last = -1; last !== recorded.length;) {
    last = recorded.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return made;
}

const named = () => recorded.map(({ type, name }) => `${type.split(":").at(-1) ?? ""} ${name}`);
const inputsOf = (name: string) => recorded.findLast((one) => one.name === name)?.inputs ?? {};

test("a namespace of somebody else's gets queues through its administration", async () => {
  const { queues } = await make({ connection: "servicebus:dev:shop", settings: { duplicateWindow: "PT10M" } });
  expect([...queues.keys()]).toEqual(["Persons_cdc_events", "Orders_cdc_events", "cdc_dead_letters"]);
  expect(named().sort()).toEqual([
    "EventQueue Orders_cdc_events",
    "EventQueue Persons_cdc_events",
    "EventQueue cdc_dead_letters",
    "EventQueues queues",
  ]);
  expect(inputsOf("Persons_cdc_events")).toMatchObject({
    connection: "servicebus:dev:shop",
    requiresSession: true,
    duplicateDetection: true,
    duplicateWindow: "PT10M",
    __provider:
      "exports.handler=()=>require('module').createRequire(process.cwd()+'/')('pulumi-cdc/handlers').eventQueue",
  });
  expect(inputsOf("cdc_dead_letters")).toMatchObject({ requiresSession: false, duplicateDetection: true });
});

test("a namespace of the stack's own is made with its resource group and its queues", async () => {
  await make({ namespace: { name: "shop", location: "westeurope" }, settings: { timeToLive: "P7D" } });
  expect(recorded.map(({ type }) => type).sort()).toEqual([
    "azure-native:resources:ResourceGroup",
    "azure-native:servicebus:Namespace",
    "azure-native:servicebus:Queue",
    "azure-native:servicebus:Queue",
    "azure-native:servicebus:Queue",
    "cdc:index:EventQueues",
  ]);
  const namespace = recorded.find(({ type }) => type === "azure-native:servicebus:Namespace");
  expect(namespace?.inputs).toMatchObject({
    namespaceName: "shop",
    resourceGroupName: "shop",
    location: "westeurope",
    sku: { name: "Standard", tier: "Standard" },
  });
  expect(inputsOf("Orders_cdc_events")).toMatchObject({
    queueName: "Orders_cdc_events",
    namespaceName: "shop",
    resourceGroupName: "shop",
    requiresSession: true,
    requiresDuplicateDetection: true,
    duplicateDetectionHistoryTimeWindow: "PT1H",
    deadLetteringOnMessageExpiration: true,
    defaultMessageTimeToLive: "P7D",
    enablePartitioning: false,
  });
});

const AZURE = join(__dirname, "..", "node_modules", "@pulumi", "azure-native");

/** Types of the arguments of a class, by name, as `@pulumi/azure-native` declares them. */
function declaredArguments(type: string): Map<string, string> {
  const [, module = "", name = ""] = type.split(":");
  const text = readFileSync(join(AZURE, module, `${name[0]!.toLowerCase()}${name.slice(1)}.d.ts`), "utf8");
  const [, body = ""] = new RegExp(`^export interface ${name}Args \\{$([^]*?)^\\}`, "m").exec(text) ?? [];
  return new Map([...body.matchAll(/^ {4}(\w+)\??: (.*);$/gm)].map(([, key = "", of = ""]) => [key, of]));
}

// load-azure.ts has declarations of its own for them.
test("what the classes of azure-native are given is what they declare", async () => {
  const more = { timeToLive: "P7D", maxSizeInMegabytes: 1_024, maxMessageSizeInKilobytes: 1_024 };
  await make({ namespace: { name: "shop", location: "westeurope" }, settings: more });
  const given = recorded.filter(({ type }) => type.startsWith("azure-native:"));
  for (const { type, inputs } of given) {
    const { name: _ours, sku, ...plain } = inputs;
    const declared = declaredArguments(type);
    for (const [key, value] of Object.entries(plain))
      expect([key, declared.get(key)]).toEqual([key, expect.stringContaining(`pulumi.Input<${typeof value}`)]);
    if (sku !== undefined) expect(declared.get("sku")).toContain("inputs.servicebus.SBSkuArgs");
  }
  expect(new Set(given.map(({ type }) => type)).size).toBe(3);
});

test("a resource group that is there is used", async () => {
  await make({ namespace: { name: "shop", resourceGroupName: "ours", sku: "Premium" } });
  expect(named().filter((one) => one.startsWith("ResourceGroup"))).toEqual([]);
  expect(inputsOf("Orders_cdc_events")).toMatchObject({ resourceGroupName: "ours" });
});

test.each([
  ["neither namespace nor connection", {}, "CDC_QUEUES_NOWHERE"],
  [
    "two tables of one name",
    { connection: "servicebus:dev:shop", tables: [...TABLES, { schema: "sales", table: "Orders" }] },
    "CDC_QUEUE_SHARED",
  ],
])("%s is refused", (_title, args, code) => {
  expect(() => new EventQueues("queues", { tables: TABLES, ...args })).toThrow(expect.objectContaining({ code }));
});

test("without the package it is told what to install", () => {
  const missing = (): never => {
    throw Object.assign(new Error("Cannot find module"), { code: "MODULE_NOT_FOUND" });
  };
  expect(() => loadAzure(missing)).toThrow(
    expect.objectContaining({ code: "CDC_AZURE_MISSING", hint: "Run `npm install @pulumi/azure-native`." }),
  );
});
