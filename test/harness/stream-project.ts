import { closePools } from "../../databases/postgres/pool";
import { startCdc, type EndedProcess, type RunningCdc } from "./cdc-process";
import { createTestDatabase, type TestDatabase } from "./database";
import { connectionVariables } from "./deployment";
import { testServer, type Client, type TestServer } from "./sql-server";
import { makeProject, removeProject, writeProject, type YamlColumn, type YamlProject } from "./yaml-project";

/** A project whose sources are databases of a test server, deployed and run as processes of their own. */
export interface StreamProject {
  readonly directory: string;
  readonly sink: TestDatabase;
  readonly server: TestServer;
  /** Runs a batch in the source database of a customer; throws its first error. */
  source(customer: string, sql: string): Promise<unknown[][]>;
  /** Runs `cdc` to its end. */
  cdc(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<EndedProcess>;
  /** Starts `cdc`; whoever starts it ends it. */
  start(argv: readonly string[], env?: Readonly<Record<string, string>>): RunningCdc;
  /** Writes the project's files anew. */
  rewrite(tables: YamlProject["tables"]): void;
  /** Kills what still runs, and takes all away. */
  close(): Promise<void>;
}

/** What the project has at the beginning. */
export interface StreamProjectOptions {
  readonly customers: readonly string[];
  readonly tables: Readonly<Record<string, readonly YamlColumn[]>>;
}

/** Makes source databases with the tables, and a project that declares them; deploys nothing. */
export async function openStreamProject({ customers, tables }: StreamProjectOptions): Promise<StreamProject> {
  const [sink, server] = [await createTestDatabase(), await testServer()];
  const clients = new Map<string, Client>();
  for (const customer of customers) clients.set(customer, await makeSource(server, customer, tables));
  let project: YamlProject = { customers, tables, database: sink.config.database, config: { capture: true } };
  const directory = makeProject(project);
  const variables = { ...connectionVariables(sink.config), ...sourceVariables(server) };
  const running = new Set<RunningCdc>();
  const start: StreamProject["start"] = (argv, env = {}) => {
    const args = [...argv, "-C", directory, "--engine", "built-in"];
    const one = startCdc(args, { cwd: directory, env: { ...variables, NO_COLOR: "1", ...env } });
    running.add(one);
    void one.ended.finally(() => running.delete(one));
    return one;
  };
  return {
    directory,
    sink,
    server,
    start,
    cdc: (argv, env) => start(argv, env).ended,
    source: async (customer, sql) => {
      const answer = await clients.get(customer)?.batch(sql);
      if (answer?.errors[0] !== undefined) throw new Error(`${answer.errors[0].message}\n${sql}`);
      return answer?.results.at(-1)?.rows ?? [];
    },
    rewrite: (changed) => {
      project = { ...project, tables: changed };
      writeProject(directory, project);
    },
    close: async () => {
      for (const one of running) one.child.kill("SIGKILL");
      await Promise.all([...running].map(({ ended }) => ended));
      removeProject(directory);
      for (const [customer, client] of clients) {
        await client.batch(`USE master; DROP DATABASE Shop_${customer}`);
        await client.close();
      }
      await server.stop();
      await closePools();
      await sink.drop();
    },
  };
}

async function makeSource(server: TestServer, customer: string, tables: YamlProject["tables"]): Promise<Client> {
  const first = await server.connect();
  await first.batch(`CREATE DATABASE Shop_${customer}`);
  await first.close();
  const client = await server.connect(`Shop_${customer}`);
  for (const [table, columns] of Object.entries(tables)) await client.batch(createTable(table, columns));
  return client;
}

function createTable(table: string, columns: readonly YamlColumn[]): string {
  const definitions = columns.map(({ name, type, nullable, primary_key: key }) =>
    [`[${name}]`, type, key === true ? "NOT NULL PRIMARY KEY" : nullable === false ? "NOT NULL" : "NULL"].join(" "),
  );
  return `CREATE TABLE dbo.[${table}] (${definitions.join(", ")})`;
}

function sourceVariables({ standIn }: TestServer): Record<string, string> {
  const url = new URL(process.env["MSSQL_TEST_URL"] ?? standIn?.url ?? "");
  return {
    MSSQL_DEV_HOST: url.hostname,
    MSSQL_DEV_PORT: url.port === "" ? "1433" : url.port,
    MSSQL_DEV_USER: decodeURIComponent(url.username),
    MSSQL_DEV_PASSWORD: decodeURIComponent(url.password),
    MSSQL_DEV_ENCRYPT: url.searchParams.get("encrypt") ?? "false",
    MSSQL_DEV_TRUST_SERVER_CERTIFICATE: "true",
  };
}
