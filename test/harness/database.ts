import { randomBytes } from "node:crypto";
import { Client, type QueryResult, type QueryResultRow } from "pg";

/** Where the test run's PostgreSQL is: a superuser of one database. */
export interface PgConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** A database of one test file. */
export interface TestDatabase {
  readonly config: PgConfig;
  /** Runs on one connection, opened at first use. Several statements are allowed when there are no parameters. */
  query<R extends QueryResultRow = QueryResultRow>(sql: string, params?: unknown[]): Promise<QueryResult<R>>;
  /** Another connection, for what needs two sessions; closed by drop. */
  connect(user?: { user: string; password: string }): Promise<Client>;
  /** Closes every connection and drops the database. */
  drop(): Promise<void>;
}

/** Makes an empty database with a name of its own, on the test run's server or another. Drop it in afterAll. */
export async function createTestDatabase(on: Omit<PgConfig, "database"> = testServer()): Promise<TestDatabase> {
  const { host, port, user, password } = on;
  const server = { host, port, user, password };
  const name = `test_${randomBytes(6).toString("hex")}`;
  await onServer(server, `CREATE DATABASE ${name} STRATEGY wal_log`);
  const config: PgConfig = { ...server, database: name };
  const clients: Client[] = [];
  const connect = async (user: { user: string; password: string } = server) => {
    const client = new Client({ ...config, ...user });
    client.on("error", () => undefined);
    clients.push(client);
    await client.connect();
    return client;
  };
  let own: Promise<Client> | undefined;
  return {
    config,
    connect,
    async query<R extends QueryResultRow>(sql: string, params?: unknown[]) {
      own ??= connect();
      return (await own).query<R>(sql, params);
    },
    async drop() {
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
      await onServer(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** The test run's server itself, for tests that make databases or roles by their own names. */
export function testServer(): Omit<PgConfig, "database"> {
  const text = process.env["CDC_TEST_PG"];
  if (text === undefined) throw new Error("CDC_TEST_PG is not set: run the tests with jest from the project's root");
  return JSON.parse(text) as Omit<PgConfig, "database">;
}

async function onServer(server: Omit<PgConfig, "database">, sql: string): Promise<void> {
  const client = new Client({ ...server, database: "postgres" });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
