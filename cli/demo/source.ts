import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startSqlServer, type RunningSqlServer } from "../../sandbox/sqlserver";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { queryRows } from "../../databases/sqlserver/run";

/** How often the capture jobs look at the log. */
const POLLING_MS = 200;

/** The clinics' SQL Server, played by the stand-in. */
export class DemoSource {
  private constructor(readonly server: RunningSqlServer) {}

  static async open(): Promise<DemoSource> {
    return new DemoSource(await startSqlServer({ pollingIntervalMs: POLLING_MS }));
  }

  /** Settings of stack dev that lead to it. */
  get variables(): Record<string, string> {
    const { host, port, user, password } = this.server;
    return {
      MSSQL_DEV_HOST: host,
      MSSQL_DEV_PORT: String(port),
      MSSQL_DEV_USER: user,
      MSSQL_DEV_PASSWORD: password,
      MSSQL_DEV_ENCRYPT: "false",
    };
  }

  /** Runs a script of the example. */
  async run(directory: string, file: string): Promise<void> {
    await this.server.control.run("master", readFileSync(join(directory, file), "utf8"));
  }

  /** Runs a batch in each of some databases. */
  async inEach(databases: readonly string[], batch: string): Promise<void> {
    for (const database of databases) await this.server.control.run(database, batch);
  }

  /** Databases that change data capture is on in. */
  async captured(): Promise<number> {
    const { host, port, user, password } = this.server;
    const config: MsSqlConfig = { host, port, user, password, database: "master", encrypt: false };
    return (await queryRows(config, "SELECT name FROM sys.databases WHERE is_cdc_enabled = 1")).length;
  }
}
