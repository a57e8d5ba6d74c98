import * as pulumi from "@pulumi/pulumi";
import { pipelineModel } from "../test/harness/sink-model";
import type { CapturedDatabase } from "../model/source-capture";
import { captureSources, type SourceCapture } from ".";

interface Recorded {
  readonly noun: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

let recorded: Recorded[];
beforeEach(() => {
  recorded = [];
  void pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => {
      recorded.push({ noun: type.slice(type.lastIndexOf(":") + 1), name, inputs: inputs as Record<string, unknown> });
      return { id: `${name}-id`, state: inputs as Record<string, unknown> };
    },
    call: () => ({}),
  });
});

const database = (server: string, name: string, more: Partial<CapturedDatabase> = {}): CapturedDatabase => ({
  environment: "dev",
  server,
  address: { host: "db", passwordVariable: "DB_PASSWORD" },
  database: name,
  tenants: [name],
  settings: { manage: true, netChanges: false },
  tables: [{ schema: "dbo", table: "Actor", columns: ["Id", "Na|me"], snapshot: "never" }],
  sinks: [{ name: "main.shop", database: "shop" }],
  ...more,
});

/** Captures what these services want. */
async function make(...services: readonly (readonly CapturedDatabase[])[]): Promise<SourceCapture | undefined> {
  const made = captureSources(services.map((capture) => ({ ...pipelineModel([]), capture })));
  await made?.tables;
  await new Promise((resolve) => setImmediate(resolve));
  return made;
}
const named = () => recorded.map(({ noun, name }) => `${noun} ${name}`);

test("every database is one resource, and every table in it", async () => {
  await make([database("a", "North"), database("a", "South")]);
  expect(named()).toEqual([
    "SourceCapture sources",
    "SourceDatabaseCdc North",
    "SourceDatabaseCdc South",
    "SourceTableCdc North/dbo.Actor",
    "SourceTableCdc South/dbo.Actor",
  ]);
  expect(recorded.at(-1)?.inputs).toMatchObject({
    schemaVersion: 1,
    connection: "source:dev:a",
    address: { host: "db", passwordVariable: "DB_PASSWORD" },
    database: "South",
    schema: "dbo",
    table: "Actor",
    captured: "Id|Na\\|me",
    manage: true,
    netChanges: false,
    snapshot: "never",
    sinks: "sink:dev:main.shop|shop",
  });
});

test("a database that two services share is captured once, with the columns of both", async () => {
  const tables = [{ schema: "dbo", table: "Actor", columns: ["Id", "Zip"], snapshot: "initial" as const }];
  await make([database("a", "North")], [database("a", "North", { tables })]);
  expect(named().slice(1)).toEqual(["SourceDatabaseCdc North", "SourceTableCdc North/dbo.Actor"]);
  expect(recorded.at(-1)?.inputs).toMatchObject({ captured: "Id|Na\\|me|Zip", snapshot: "initial" });
});

test("databases of one name on two servers are told apart", async () => {
  await make([database("a", "North"), database("b", "North")]);
  expect(named().slice(1)).toEqual([
    "SourceDatabaseCdc North",
    "SourceDatabaseCdc b/North",
    "SourceTableCdc North/dbo.Actor",
    "SourceTableCdc b/North/dbo.Actor",
  ]);
});

test("where nothing is declared, nothing is made", async () => {
  expect(await make([])).toBeUndefined();
  expect(recorded).toEqual([]);
});
