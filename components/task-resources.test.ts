import * as pulumi from "@pulumi/pulumi";
import type { ResourceSpec } from "../model/resource-spec";
import { makeTaskResources } from "./task-resources";

let recorded: { type: string; name: string; inputs: Record<string, unknown> }[];

beforeEach(() => {
  recorded = [];
  void pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => {
      recorded.push({ type, name, inputs: inputs as Record<string, unknown> });
      return { id: `${name}-id`, state: inputs as Record<string, unknown> };
    },
    call: () => ({}),
  });
});

const database: ResourceSpec = {
  type: "SourceDatabaseCdc",
  name: "shop",
  args: { connection: "source:task:input", address: {}, database: "shop", tenants: [], manage: true },
};
const schema: ResourceSpec = {
  type: "SinkSchema",
  name: "dbo",
  args: { connection: "sink:task:output", database: "lake", name: "dbo" },
  dependsOn: ["SourceDatabaseCdc shop"],
};

test("resources are made after those that they depend on, with the inputs that were specified", async () => {
  const made = makeTaskResources([schema, database]);
  await Promise.all([...made.values()].map((one) => new Promise((done) => one.urn.apply(done))));
  expect(recorded.map(({ type, name }) => [type, name])).toEqual([
    ["pulumi-nodejs:dynamic/cdc:SourceDatabaseCdc", "shop"],
    ["pulumi-nodejs:dynamic/cdc:SinkSchema", "dbo"],
  ]);
  expect(recorded[1]?.inputs).toMatchObject({ schemaVersion: 1, ...schema.args });
});

test.each([
  ["a circle", [schema, { ...database, dependsOn: ["SinkSchema dbo"] }]],
  ["a resource that isn't there", [schema]],
])("%s is refused", (_title, specs) => {
  expect(() => makeTaskResources(specs)).toThrow(expect.objectContaining({ code: "CDC_TASK_RESOURCES" }));
});
