import { closePools } from "../../databases/sqlserver/pool";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { testServer, type Client, type TestServer } from "./sql-server";

let databases = 0;

/** A SQL Server with databases that a test makes: the stand-in, or the one of MSSQL_TEST_URL. */
export class SourceLab {
  private readonly made: string[] = [];

  private constructor(
    readonly server: TestServer,
    private readonly client: Client,
    private readonly url: URL,
  ) {}

  static async open(): Promise<SourceLab> {
    const server = await testServer();
    const url = new URL(process.env["MSSQL_TEST_URL"] ?? server.standIn?.url ?? "");
    return new SourceLab(server, await server.connect(), url);
  }

  /** Makes a database with these statements run in it, a batch each; answers its name. */
  async database(...batches: readonly string[]): Promise<string> {
    const name = `cdc_lab_${process.pid}_${++databases}`;
    this.made.push(name);
    await this.run("master", `CREATE DATABASE [${name}]`);
    await this.run(name, ...batches);
    return name;
  }

  /** Runs batches in a database. Throws for the first that the server refuses. */
  async run(database: string, ...batches: readonly string[]): Promise<void> {
    for (const batch of [`USE [${database}]`, ...batches]) {
      const { errors } = await this.client.batch(batch);
      const [error] = errors;
      if (error !== undefined) throw new Error(`${error.number} ${error.message}: ${batch}`);
    }
  }

  config(database: string): MsSqlConfig {
    const { hostname: host, port, username: user, password } = this.url;
    return { host, port: Number(port), user, password: decodeURIComponent(password), database, encrypt: false };
  }

  /** Settings of an environment as variables. */
  variables(environment = "DEV"): Record<string, string> {
    const { host, port, user, password = "" } = this.config("master");
    const settings = { HOST: host, PORT: String(port), USER: user, PASSWORD: password, ENCRYPT: "false" };
    return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`MSSQL_${environment}_${key}`, value]));
  }

  /** Removes what it made. */
  async close(): Promise<void> {
    closePools();
    await this.client.batch("USE master");
    for (const name of this.made) await this.client.batch(`DROP DATABASE [${name}]`);
    await this.client.close();
    await this.server.stop();
  }
}
