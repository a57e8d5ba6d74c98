import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { closePools } from "../../databases/sqlserver/pool";
import { captured } from "./captured";
import { testServer, type Answer, type Client, type TestServer } from "./sql-server";

/** A database with change data capture on a test server. */
export interface CaptureLab {
  readonly server: TestServer;
  readonly database: string;
  readonly config: MsSqlConfig;
  /** Runs a batch that must not fail. */
  run(sql: string): Promise<Answer>;
  /** Runs a batch; errors are in the answer. */
  tryRun(sql: string): Promise<Answer>;
  /** Turns the capture of a table of schema dbo on. */
  capture(table: string, instance?: string, columns?: string): Promise<void>;
  /** Waits until everything that was committed so far is in the change tables. */
  captured(): Promise<void>;
  /** Connects anew, after the connections were cut. */
  reconnect(): Promise<void>;
  close(): Promise<void>;
}

let labs = 0;

/** Makes a new database with change data capture on, on the stand-in or on the server of MSSQL_TEST_URL. */
export async function openCaptureLab(pollingIntervalMs = 60_000): Promise<CaptureLab> {
  const server = await testServer(pollingIntervalMs);
  const database = `cdc_lab_${String(process.pid)}_${String((labs += 1))}`;
  const first = await server.connect();
  await first.batch(`CREATE DATABASE ${database}`);
  await first.close();
  let client = await server.connect(database);
  const run = (sql: string): Promise<Answer> => runClean(client, sql);
  await run("EXEC sys.sp_cdc_enable_db");
  return {
    server,
    database,
    config: configOf(server, database),
    run,
    tryRun: (sql) => client.batch(sql),
    capture: async (table, instance = `dbo_${table}`, columns) => {
      const list = columns === undefined ? "" : `, @captured_column_list = N'${columns}'`;
      await run(
        `EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'${table}', @role_name = NULL, @supports_net_changes = 0, @capture_instance = N'${instance}'${list}`,
      );
    },
    captured: () => captured(server, client, database),
    reconnect: async () => {
      client = await server.connect(database);
    },
    close: async () => {
      closePools();
      await client.batch(`USE master; DROP DATABASE ${database}`);
      await client.close();
      await server.stop();
    },
  };
}

async function runClean(client: Client, sql: string): Promise<Answer> {
  const answer = await client.batch(sql);
  if (answer.errors.length > 0) throw new Error(`${sql}: ${answer.errors.map(({ message }) => message).join(" ")}`);
  return answer;
}

function configOf({ standIn }: TestServer, database: string): MsSqlConfig {
  const url = new URL(standIn?.url ?? process.env["MSSQL_TEST_URL"] ?? "");
  return {
    host: url.hostname,
    port: Number(url.port || 1433),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database,
    encrypt: url.searchParams.get("encrypt") === "true",
    trustServerCertificate: true,
  };
}
