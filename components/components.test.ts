import * as pulumi from "@pulumi/pulumi";
import { pipelineModel, sinkTable } from "../test/harness/sink-model";
import { CdcPipeline, SharedObjects, sinkServers, summaryOf, type Retention } from ".";

interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

let recorded: Recorded[];
/** Options by `<noun> <name>`, with the nouns of parent and dependencies. */
const options = new Map<string, { parent: string; protect: boolean; retain: boolean; dependencies: string[] }>();

beforeEach(() => {
  recorded = [];
  options.clear();
  void pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => {
      recorded.push({ type, name, inputs: inputs as Record<string, unknown> });
      return { id: `${name}-id`, state: inputs as Record<string, unknown> };
    },
    call: () => ({}),
  });
});

/** Sees the options of a component and of everything below it. */
const record: pulumi.ResourceTransformation = ({ type, name, opts }) => {
  const { parent, protect = false, dependsOn = [] } = opts;
  const dependencies = (Array.isArray(dependsOn) ? dependsOn : [dependsOn]) as pulumi.Resource[];
  const retain = (opts as pulumi.CustomResourceOptions).retainOnDelete ?? false;
  const nouns = { parent: nounOfResource(parent), dependencies: dependencies.map(nounOfResource) };
  options.set(`${nounOf(type)} ${name}`, { ...nouns, protect, retain });
  return undefined;
};

const nounOfResource = (resource: pulumi.Resource | undefined) =>
  nounOf((resource as { __pulumiType?: string } | undefined)?.__pulumiType ?? "");

const DEV: Retention = { protect: false, allowDrop: true };
const PROD: Retention = { protect: true, allowDrop: false };
const TABLES = [
  sinkTable("north", "Actor"),
  sinkTable("north", "Theirs", { targetExists: true }),
  sinkTable("south", "Actor"),
];

const nounOf = (type: string) => type.slice(type.lastIndexOf(":") + 1);
const named = () => recorded.map(({ type, name }) => `${nounOf(type)} ${name}`).sort();
const inputsOf = (resource: string) =>
  recorded.find(({ type, name }) => `${nounOf(type)} ${name}` === resource)?.inputs ?? {};

async function make(model = pipelineModel(TABLES), retention = DEV, more: object = {}): Promise<void> {
  new CdcPipeline("test", { model, retention, ...more }, { transformations: [record] });
  await settled();
}

// Mocked registrations run in the background.
async function settled(): Promise<void> {
  for (let last = -1; last !== recorded.length;) {
    last = recorded.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("a service becomes management, schemas, and three resources per table and schema", async () => {
  await make();
  const perTable = ["north/Actor", "north/Theirs", "south/Actor"].flatMap((table) =>
    ["MergeProcedure", "ReplicatedTable", "SinkTable", "StagingTable"].map((noun) => `${noun} main.test/${table}`),
  );
  expect(named()).toEqual(
    [
      "CdcManagement test",
      "CdcPipeline test",
      "SinkDatabase test/main.test",
      "SinkSchema test/north",
      "SinkSchema test/south",
      ...perTable,
    ].sort(),
  );
});

test("children hang under their component, and wait for what they need", async () => {
  await make();
  expect(options.get("SinkSchema test/north")).toMatchObject({
    parent: "SinkDatabase",
    dependencies: ["CdcManagement"],
  });
  expect(options.get("SinkTable main.test/north/Actor")).toMatchObject({
    parent: "ReplicatedTable",
    dependencies: ["SinkSchema"],
  });
  expect(options.get("StagingTable main.test/north/Actor")).toMatchObject({ dependencies: ["SinkTable"] });
  expect(options.get("MergeProcedure main.test/north/Actor")).toMatchObject({ dependencies: ["StagingTable"] });
});

test("prod protects and retains what holds rows; dev may drop", async () => {
  await make(pipelineModel(TABLES), PROD);
  const kept = { protect: true, retain: true };
  expect(options.get("SinkTable main.test/north/Actor")).toMatchObject(kept);
  expect(options.get("SinkSchema test/north")).toMatchObject(kept);
  expect(options.get("CdcManagement test")).toMatchObject(kept);
  expect(options.get("StagingTable main.test/north/Actor")).toMatchObject({ protect: false });
  expect(options.get("SinkTable main.test/north/Theirs")).toMatchObject({ protect: false });
  expect(inputsOf("SinkTable main.test/north/Actor")).toMatchObject({ allowDrop: false });
  recorded = [];
  await make();
  expect(inputsOf("SinkTable main.test/north/Actor")).toMatchObject({ allowDrop: true });
  expect(options.get("SinkTable main.test/north/Actor")).toMatchObject({ protect: false, retain: false });
});

test("inputs name the connection and carry the handler in one line, no secret and no code", async () => {
  await make();
  const { __provider, ...inputs } = inputsOf("SinkTable main.test/north/Actor");
  expect(__provider).toBe(
    "exports.handler=()=>require('module').createRequire(process.cwd()+'/')('pulumi-cdc/handlers').sinkTable",
  );
  expect(inputs).toMatchObject({
    schemaVersion: 1,
    connection: "sink:dev:main.test",
    database: "test",
    schema: "north",
    table: "Actor",
    columns: { Id: "bigint not null", Name: "varchar(50)", Amount: "numeric(8,2)" },
    key: ["Id"],
  });
});

test("two services that share a database share its management and schemas", async () => {
  const shared = new SharedObjects();
  await make(pipelineModel([sinkTable("north", "Actor")]), DEV, { shared });
  const other = pipelineModel([sinkTable("north", "Film")], { name: "main.films" });
  new CdcPipeline(
    "films",
    { model: { ...other, service: "films" }, retention: DEV, shared },
    { transformations: [record] },
  );
  await settled();
  expect(named().filter((name) => /^(CdcManagement|SinkSchema)/.test(name))).toEqual([
    "CdcManagement test",
    "SinkSchema test/north",
  ]);
  expect(options.get("SinkTable main.films/north/Film")).toMatchObject({ dependencies: ["SinkSchema"] });
});

test("databases of one name on two servers have each their own management and schemas", async () => {
  const settings = { host: "one.example", port: 5432, password: "s3cret!" };
  const sinks = {
    "main.films": { host: "two.example" },
    "main.twin": { host: "ONE.example" },
    "main.more": { host: "two.example" },
  };
  pulumi.runtime.setAllConfig({ "cdc:sink": JSON.stringify(settings), "cdc:sinks": JSON.stringify(sinks) });
  const shared = new SharedObjects(sinkServers(new pulumi.Config("cdc"), {}, "dev"));
  for (const name of ["main.films", "main.test", "main.twin", "main.more"]) {
    const model = { ...pipelineModel([sinkTable("north", name)], { name }), service: name };
    new CdcPipeline(name, { model, retention: DEV, shared }, { transformations: [record] });
  }
  await settled();
  expect(named().filter((name) => /^(CdcManagement|SinkSchema)/.test(name))).toEqual([
    "CdcManagement main.films/test",
    "CdcManagement test",
    "SinkSchema main.films/test/north",
    "SinkSchema test/north",
  ]);
  expect(inputsOf("CdcManagement main.films/test")).toMatchObject({ connection: "sink:dev:main.films" });
  expect(inputsOf("CdcManagement test")).toMatchObject({ connection: "sink:dev:main.test" });
  expect(JSON.stringify(recorded)).not.toContain("s3cret");
});

describe("manage:", () => {
  const manage = { database: true, role: true, grants: true };
  const sources = { env: {}, sink: { host: "pg.example", port: 6432, user: "owner", password: "s3cret!" } };

  test("makes database, role and grant with the owner's connection, before anything of ours", async () => {
    const model = pipelineModel([sinkTable("north", "Actor")], { manage, applicationRole: "app" });
    await make(model, PROD, { server: { sources, applicationPassword: pulumi.secret("app-pw") } });
    const provider = inputsOf("postgresql test/main.test");
    expect(provider).toMatchObject({ host: "pg.example", username: "owner", sslmode: "disable" });
    expect(String(provider["port"])).toBe("6432");
    expect(inputsOf("Database test/main.test")).toMatchObject({ name: "test" });
    expect(inputsOf("Role test/main.test")).toMatchObject({ name: "app", login: true });
    expect(inputsOf("Grant test/main.test")).toMatchObject({
      role: "app",
      objectType: "database",
      privileges: ["CONNECT"],
    });
    expect(options.get("Database test/main.test")).toMatchObject({
      parent: "ManagedAccess",
      protect: true,
      retain: true,
    });
    expect(options.get("CdcManagement test")?.dependencies.sort()).toEqual(["Database", "Grant", "Role"]);
  });

  test("asks for nothing by default, and loads no further provider", async () => {
    await make();
    expect(named().filter((name) => /^(Database|Role|Grant|postgresql|ManagedAccess) /.test(name))).toEqual([]);
  });
});

test("the stack's outputs are a small summary", () => {
  expect(summaryOf(pipelineModel(TABLES))).toEqual({
    service: "test",
    environment: "dev",
    sinks: [{ name: "main.test", database: "test", schemas: ["north", "south"], tables: 3 }],
  });
});
