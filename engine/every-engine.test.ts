import { closePools } from "../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "../test/harness/database";
import { makeProject, removeProject, usualColumns, writeProject, type YamlProject } from "../test/harness/yaml-project";
import { findPulumi } from "./automation-find";
import { openStack } from "./open-stack";
import type { OpenStackOptions, RunKind, Stack } from "./stack";

jest.setTimeout(300_000);

type Engine = NonNullable<OpenStackOptions["engine"]>;

const before = { ...process.env };
let db: TestDatabase;
let project: YamlProject;
let directory: string;
let engines: readonly Engine[];

beforeAll(async () => {
  const cli = await findPulumi();
  engines = cli === undefined ? ["built-in"] : ["built-in", "pulumi"];
  const which =
    cli === undefined ? "the built-in engine only: no pulumi on PATH" : `both engines, pulumi ${cli.version}`;
  process.stdout.write(`every-engine: runs on ${which}\n`);
  db = await createTestDatabase();
  const { host, port, user, password, database } = db.config;
  const own = { PG_DEV_HOST: host, PG_DEV_PORT: String(port), PG_DEV_USER: user, PG_DEV_PASSWORD: password };
  Object.assign(process.env, own, { PULUMI_CONFIG_PASSPHRASE: "correct horse", PULUMI_BACKEND_URL: "" });
  project = { customers: ["north", "south"], tables: { Actor: usualColumns(4) }, database };
});

beforeEach(() => {
  directory = makeProject(project);
});

afterEach(() => removeProject(directory));

afterAll(async () => {
  process.env = before;
  await closePools();
  await db.drop();
});

function open(engine: Engine): Promise<Stack> {
  return openStack({ projectDirectory: directory, stack: "dev", engine });
}

/** What a run did to our resources: `create SinkTable`, ... sorted. */
async function steps(stack: Stack, kind: RunKind, refresh = false): Promise<string[]> {
  const seen: string[] = [];
  await stack[kind]({
    refresh,
    onEvent: (event) => {
      if (event.kind !== "resource" || event.operation === "same" || !event.type.includes("dynamic/cdc:")) return;
      seen.push(`${event.operation} ${event.type.slice(event.type.lastIndexOf(":") + 1)}`);
    },
  });
  return seen.sort();
}

const ALL = ["CdcManagement", "MergeProcedure", "MergeProcedure", "SinkSchema", "SinkSchema", "SinkTable", "SinkTable"];
const EVERYTHING = [...ALL, "StagingTable", "StagingTable"];
const FOLLOWING = ["MergeProcedure", "MergeProcedure", "SinkTable", "SinkTable", "StagingTable", "StagingTable"];

test("every engine previews, makes, leaves alone, changes and takes away the same", async () => {
  for (const engine of engines) {
    writeProject(directory, project);
    const stack = await open(engine);
    expect(await steps(stack, "preview")).toEqual(EVERYTHING.map((noun) => `create ${noun}`));
    expect(await steps(stack, "up")).toEqual(EVERYTHING.map((noun) => `create ${noun}`));
    expect(await steps(stack, "up")).toEqual([]);
    expect(await stack.outputs()).toMatchObject({ environment: "dev" });
    const columns = [...usualColumns(4), { name: "Note", type: "nvarchar(30)", nullable: true }];
    writeProject(directory, { ...project, tables: { Actor: columns } });
    expect(await steps(stack, "preview")).toEqual(FOLLOWING.map((noun) => `update ${noun}`));
    expect(await steps(stack, "up")).toEqual(FOLLOWING.map((noun) => `update ${noun}`));
    expect(await steps(stack, "preview", true)).toEqual([]);
    expect(await steps(stack, "destroy")).toEqual(EVERYTHING.map((noun) => `delete ${noun}`));
  }
});

test("every engine goes on where the other stopped", async () => {
  const [first = "built-in", second = first] = engines;
  for (const [maker, taker] of [
    [first, second],
    [second, first],
  ] as const) {
    await (await open(maker)).up();
    expect(await steps(await open(taker), "preview")).toEqual([]);
    expect(await steps(await open(taker), "up", true)).toEqual([]);
    await (await open(taker)).destroy();
    expect(await steps(await open(maker), "preview")).toHaveLength(EVERYTHING.length);
  }
});
