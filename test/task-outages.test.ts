import { createServer } from "node:net";
import { CHAIN_SCHEMA, CHAIN_TABLES, deployChainSink, sinkRows } from "./harness/chain-sink";
import { ChainSource, STREAMED } from "./harness/chain-source";
import { createTestDatabase, type TestDatabase } from "./harness/database";
import { startChain } from "./harness/killed-chain";
import type { KilledTask } from "./harness/killed-task";
import { temporaryFolder } from "./harness/task-lab";
import { TcpRelay } from "./harness/tcp-relay";

const SEED = 8;
const CHANGES_PER_SECOND = 200;

let folder: ReturnType<typeof temporaryFolder>;
let source: ChainSource;
let database: TestDatabase;
let task: KilledTask | undefined;
const relays: TcpRelay[] = [];

beforeEach(async () => {
  folder = temporaryFolder();
  source = await ChainSource.start(SEED);
  database = await createTestDatabase();
  await deployChainSink(database);
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

/** The newest change that the sink has of any table. */
async function newest(): Promise<string> {
  const all = STREAMED.map((table) => `SELECT max(encode(__cdc_position, 'hex')) AS p FROM ${CHAIN_SCHEMA}."${table}"`);
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
  for (const table of CHAIN_TABLES) {
    const wanted = JSON.stringify(await source.rows(table));
    await task.until(async () => JSON.stringify(await sinkRows(database, table)) === wanted);
  }
  task.stop();
  expect(await task.ended()).toBe(0);
}, 120_000);
