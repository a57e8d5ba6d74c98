import { createServer } from "node:net";
import { ChainSource, COPIED, STREAMED } from "./harness/chain-source";
import { createTestDatabase, type TestDatabase } from "./harness/database";
import { deployTables } from "./harness/deploy-tables";
import { startChain } from "./harness/killed-chain";
import type { KilledTask } from "./harness/killed-task";
import { column, sinkTable } from "./harness/sink-model";
import { temporaryFolder } from "./harness/task-lab";
import { TcpRelay } from "./harness/tcp-relay";

const SEED = 8;
const CHANGES_PER_SECOND = 200;
const SCHEMA = "shop";
const TABLES = [...STREAMED, COPIED];

let folder: ReturnType<typeof temporaryFolder>;
let source: ChainSource;
let database: TestDatabase;
let task: KilledTask | undefined;
const relays: TcpRelay[] = [];

beforeEach(async () => {
  folder = temporaryFolder();
  source = await ChainSource.start(SEED);
  database = await createTestDatabase();
  const columns = [
    column("Id", "integer", { nullable: false }),
    column("Name", "varchar(20)", { nullable: false }),
    column("Amount", "integer", { nullable: false }),
  ];
  const table = (name: string) => sinkTable(SCHEMA, name, { columns, source: { schema: "dbo", table: name } });
  await deployTables(database, TABLES.map(table));
});

afterEach(async () => {
  await task?.end();
  await Promise.all(relays.splice(0).map((relay) => relay.close()));
  await source.stop();
  await database.drop();
  folder.remove();
});

async function between(target: number, port?: number): Promise<TcpRelay> {
  const relay = await TcpRelay.open(target, port === undefined ? {} : { port });
  relays.push(relay);
  return relay;
}

async function sinkRows(table: string): Promise<string[]> {
  const { rows } = await database.query<{ row: string }>(
    `SELECT concat_ws('|', "Id", "Name", "Amount") AS row FROM ${SCHEMA}."${table}"`,
  );
  return rows.map(({ row }) => row).sort();
}

/** The newest change that the sink has of any table. */
async function newest(): Promise<string> {
  const all = STREAMED.map((table) => `SELECT max(encode(__cdc_position, 'hex')) AS p FROM ${SCHEMA}."${table}"`);
  const { rows } = await database.query<{ p: string | null }>(`SELECT max(p) AS p FROM (${all.join(" UNION ALL ")}) a`);
  return rows[0]?.p ?? "";
}

/** Waits until the sink has something newer than now. */
async function moves(): Promise<void> {
  const before = await newest();
  await task?.until(async () => (await newest()) > before);
}

/** Resolves when somebody has tried to connect, and was turned away. */
async function turnedAway(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.on("connection", (socket) => {
      socket.destroy();
      resolve();
    });
    server.listen(port, "127.0.0.1");
  });
  await new Promise((resolve) => server.close(resolve));
}

test("a task goes on where it was when its source or its sink was away for a while", async () => {
  const { host, user, password, database: name, port } = database.config;
  const toSource = await between(source.input["port"] as number);
  const toSink = await between(port);
  const ports = { source: toSource.port, sink: toSink.port };
  const output = { host, port: toSink.port, user, password, database: name };
  const input = { ...source.input, port: toSource.port };
  task = startChain("input", folder.path, { input, output: { postgres: output } });
  await source.change(CHANGES_PER_SECOND);
  await moves();
  await toSource.close();
  await turnedAway(ports.source);
  await between(source.input["port"] as number, ports.source);
  await moves();
  await toSink.close();
  await turnedAway(ports.sink);
  await between(port, ports.sink);
  await moves();
  await source.change(0);
  for (const table of TABLES) {
    const wanted = JSON.stringify(await source.rows(table));
    await task.until(async () => JSON.stringify(await sinkRows(table)) === wanted);
  }
  task.stop();
  expect(await task.ended()).toBe(0);
}, 120_000);
