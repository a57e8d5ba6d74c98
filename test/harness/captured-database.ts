import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { SourceLab } from "./source-lab";
import type { TestServer } from "./sql-server";

/** A source database of one test file, with change data capture on. */
export interface CapturedDatabase {
  readonly server: TestServer;
  readonly config: MsSqlConfig;
  /** Runs a batch and answers its last result; throws its first error. */
  run(sql: string): Promise<unknown[][]>;
  /** Captures a table of dbo, in an instance `dbo_<table>` unless told otherwise. */
  capture(table: string, instance?: string): Promise<void>;
  /** Waits until all that is committed is captured. */
  captured(): Promise<void>;
  /** Drops the database and stops the server. */
  close(): Promise<void>;
}

/** Makes a database at the stand-in or the server of MSSQL_TEST_URL. */
export async function openCapturedDatabase(): Promise<CapturedDatabase> {
  const lab = await SourceLab.open();
  const database = await lab.database(
    "EXEC sys.sp_cdc_enable_db",
    "CREATE TABLE dbo.marks (id int IDENTITY PRIMARY KEY)",
  );
  const client = await lab.server.connect(database);
  const run = async (sql: string): Promise<unknown[][]> => {
    const { errors, results } = await client.batch(sql);
    if (errors[0] !== undefined) throw new Error(`${errors[0].number}: ${errors[0].message}\n${sql}`);
    return results.at(-1)?.rows ?? [];
  };
  const capture = async (table: string, instance = `dbo_${table}`) => {
    await run(
      `EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'${table}', @capture_instance = N'${instance}', @role_name = NULL, @supports_net_changes = 0`,
    );
  };
  await capture("marks");
  return {
    server: lab.server,
    config: lab.config(database),
    run,
    capture,
    async captured() {
      const [mark] = await run("INSERT dbo.marks DEFAULT VALUES; SELECT CAST(SCOPE_IDENTITY() AS int)");
      const seen = `SELECT COUNT(*) FROM cdc.dbo_marks_CT WHERE id = ${String(mark?.[0])}`;
      while ((await run(seen))[0]?.[0] === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async close() {
      await client.close();
      await lab.close();
    },
  };
}
