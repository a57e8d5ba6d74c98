import { randomBytes } from "node:crypto";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { closePools } from "../../databases/sqlserver/pool";
import { testServer, type TestServer } from "./sql-server";

/** A source database of one test file, with change data capture on, at the stand-in or the server of MSSQL_TEST_URL. */
export interface SourceLab {
  readonly server: TestServer;
  readonly config: MsSqlConfig;
  /** Runs a batch; throws its first error. */
  run(sql: string): Promise<unknown[][]>;
  /** Captures a table. */
  capture(table: string): Promise<void>;
  /** Waits until all that is committed is captured. */
  captured(): Promise<void>;
  /** Drops the database and stops the server. */
  close(): Promise<void>;
}

/** Makes a database and opens a connection to it. */
export async function openSourceLab(): Promise<SourceLab> {
  const server = await testServer();
  const database = `lab_${randomBytes(6).toString("hex")}`;
  const admin = await server.connect();
  await admin.batch(`CREATE DATABASE ${database}`);
  const client = await server.connect(database);
  const run = async (sql: string): Promise<unknown[][]> => {
    const { errors, results } = await client.batch(sql);
    if (errors[0] !== undefined) throw new Error(`${errors[0].number}: ${errors[0].message}\n${sql}`);
    return results.at(-1)?.rows ?? [];
  };
  await run("EXEC sys.sp_cdc_enable_db; CREATE TABLE dbo.marks (id int IDENTITY PRIMARY KEY)");
  const capture = async (table: string) => {
    await run(
      `EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'${table}', @role_name = NULL, @supports_net_changes = 0`,
    );
  };
  await capture("marks");
  return {
    server,
    config: configOf(server, database),
    run,
    capture,
    async captured() {
      const [mark] = await run("INSERT dbo.marks DEFAULT VALUES; SELECT CAST(SCOPE_IDENTITY() AS int)");
      const seen = `SELECT COUNT(*) FROM cdc.dbo_marks_CT WHERE id = ${String(mark?.[0])}`;
      while ((await run(seen))[0]?.[0] === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async close() {
      closePools();
      await client.close();
      await admin.batch(
        `ALTER DATABASE ${database} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE ${database}`,
      );
      await admin.close();
      await server.stop();
    },
  };
}

function configOf({ standIn }: TestServer, database: string): MsSqlConfig {
  const url = new URL(process.env["MSSQL_TEST_URL"] ?? standIn?.url ?? "");
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
