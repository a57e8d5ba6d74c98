import { existsSync } from "node:fs";
import { join } from "node:path";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { closePools } from "../../databases/sqlserver/pool";
import { queryRows } from "../../databases/sqlserver/run";
import { packPosition } from "../../model/position";
import { startSqlServerProcess, type RemoteFeed, type SqlServerProcess } from "../../sandbox/sqlserver/child";

const ENTRY = join(__dirname, "..", "..", "dist", "sandbox", "sqlserver", "process.js");
const DATABASE = "Shop";

/** Tables whose every change is to arrive; they are captured before they have a row. */
export const STREAMED = ["Orders", "Persons"] as const;
/** A table that has rows before it is captured: they are copied. */
export const COPIED = "Items";
const COPIED_ROWS = 6_000;
const FIRST_ROWS = 40;

/** A change as a change table has it. */
export interface CapturedChange {
  readonly key: string;
  /** As in the metadata of its envelope. */
  readonly position: string;
}

/** The stand-in for SQL Server in a process of its own, with tables that change all the time. */
export class ChainSource {
  private constructor(
    private readonly server: SqlServerProcess,
    private readonly feed: RemoteFeed,
  ) {}

  /** @param seed the same one makes the same changes */
  static async start(seed: number): Promise<ChainSource> {
    if (!existsSync(ENTRY)) throw new Error(`${ENTRY} is missing: run \`npm run build\` first`);
    const server = await startSqlServerProcess({ databases: [DATABASE] }, ENTRY);
    const run = (sql: string) => server.control("run", DATABASE, sql);
    await run("EXEC sys.sp_cdc_enable_db");
    for (const table of [...STREAMED, COPIED])
      await run(
        `CREATE TABLE dbo.${table} (Id int NOT NULL PRIMARY KEY, Name nvarchar(20) NOT NULL, Amount int NOT NULL)`,
      );
    await server.control("fill", DATABASE, "dbo", COPIED, { count: COPIED_ROWS, seed });
    for (const table of [...STREAMED, COPIED])
      await run(`EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'${table}', @role_name = NULL`);
    const tables = STREAMED.map((table) => `dbo.${table}`);
    const first = await server.feed("first", DATABASE, { tables, mix: { insert: 1, update: 0, delete: 0 }, seed });
    await first.make(FIRST_ROWS);
    const mix = { insert: 1, update: 18, delete: 1 };
    const feed = await server.feed("all", DATABASE, { tables: [...tables, `dbo.${COPIED}`], mix, seed: seed + 1 });
    return new ChainSource(server, feed);
  }

  /** What the input `sqlserver` is configured with. */
  get input(): Record<string, unknown> {
    const { host, port, user, password, database } = this.config;
    const tables = [...STREAMED, { name: COPIED, snapshot: "initial" }];
    return { host, port, user, password, database, encrypt: false, tables, max_poll_interval_ms: 20 };
  }

  /** Makes so many changes a second from now on. */
  async change(perSecond: number): Promise<void> {
    await this.feed.rate(perSecond);
  }

  /** All changes of a table, in their order. */
  async changes(table: string): Promise<CapturedChange[]> {
    const parts = ["__$start_lsn", "__$seqval"]
      .map((name, at) => `CONVERT(varchar(20), ${name}, 2) AS p${at}`)
      .join(", ");
    const rows = await queryRows(
      this.config,
      `SELECT ${parts}, __$command_id AS command, __$operation AS operation, Id FROM cdc.dbo_${table}_CT WHERE __$operation <> 3`,
    );
    return rows
      .map(({ p0, p1, command, operation, Id }) => ({
        key: String(Id),
        position: packPosition({
          lsn: String(p0),
          seqval: String(p1),
          commandId: Number(command),
          operation: Number(operation),
        }),
      }))
      .sort((one, other) => (one.position < other.position ? -1 : 1));
  }

  /** The rows of a table: `Id|Name|Amount`, in the order of that text. */
  async rows(table: string): Promise<string[]> {
    const rows = await queryRows(this.config, `SELECT Id, Name, Amount FROM dbo.${table}`);
    return rows.map(({ Id, Name, Amount }) => [Id, Name, Amount].join("|")).sort();
  }

  async stop(): Promise<void> {
    closePools();
    await this.server.stop();
  }

  private get config(): MsSqlConfig {
    const { host, port, user, password } = this.server;
    return { host, port, user, password, database: DATABASE, encrypt: false };
  }
}
