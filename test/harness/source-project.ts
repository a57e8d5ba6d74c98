import { createTestDatabase, type TestDatabase } from "./database";
import { Deployment, type Ran } from "./deployment";
import { SourceLab } from "./source-lab";
import type { YamlColumn, YamlProject } from "./yaml-project";

const COLUMNS: readonly YamlColumn[] = [
  { name: "Id", type: "int", nullable: false, primary_key: true },
  { name: "Name", type: "nvarchar(50)" },
];

const CREATE = [
  "CREATE TABLE dbo.Actor (Id int NOT NULL PRIMARY KEY, Name nvarchar(50) NULL, Phone nvarchar(20) NULL, Twice AS (Id * 2))",
  "CREATE TABLE dbo.Film (Id int NOT NULL PRIMARY KEY, Name nvarchar(50) NULL)",
];

/** A project whose customers' databases are on a SQL Server (or its stand-in), and whose sink is on PostgreSQL. */
export class SourceProject {
  private constructor(
    readonly lab: SourceLab,
    readonly sink: TestDatabase,
    /** Source database by customer. */
    readonly databases: Readonly<Record<string, string>>,
    readonly deployment: Deployment,
  ) {}

  static async open(
    customers: readonly string[],
    more: Partial<Pick<YamlProject, "capture" | "snapshot">> = {},
  ): Promise<SourceProject> {
    const lab = await SourceLab.open();
    const sink = await createTestDatabase();
    const databases: Record<string, string> = {};
    for (const customer of customers) databases[customer] = await lab.database(...CREATE);
    const { host, port, user, password = "", encrypt } = lab.config("master");
    process.env["TEST_SOURCE_PASSWORD"] = password;
    const server = { host, port, user, encrypt, password: "${TEST_SOURCE_PASSWORD}" };
    const deployment = Deployment.make(sink.config, {
      customers,
      tables: { Actor: COLUMNS, Film: COLUMNS },
      sources: { server, databases },
      config: { capture: true },
      ...more,
    });
    return new SourceProject(lab, sink, databases, deployment);
  }

  run(...args: Parameters<Deployment["run"]>): Promise<Ran> {
    return this.deployment.run(...args);
  }

  /** Columns of Actor in the YAML. */
  actorColumns(...more: readonly YamlColumn[]): void {
    this.deployment.rewrite({ tables: { Actor: [...COLUMNS, ...more], Film: COLUMNS } });
  }

  /** Capture instances of a customer's database with their columns, `dbo_Actor(Id,Name)`; undefined where CDC is off. */
  async instances(customer: string): Promise<readonly string[] | undefined> {
    const { readCaptureState } = await import("../../databases/sqlserver/capture-state");
    const state = await readCaptureState(this.lab.config(this.databases[customer] ?? ""));
    if (!state.enabled) return undefined;
    return state.instances.map(({ name, columns }) => `${name}(${columns.join(",")})`).sort();
  }

  /** Runs batches in a customer's database. */
  sql(customer: string, ...batches: readonly string[]): Promise<void> {
    return this.lab.run(this.databases[customer] ?? "", ...batches);
  }

  async close(): Promise<void> {
    const { closePools } = await import("../../databases/postgres/pool");
    this.deployment.remove();
    await closePools();
    await this.sink.drop();
    await this.lab.close();
  }
}

/** What a command line needs of the environment to reach both sides. */
export function captureEnv(): Record<string, string> {
  const wanted = /^(PG_DEV_|TEST_SOURCE_PASSWORD$|PULUMI_CONFIG_PASSPHRASE$|CDC_DB_USER$)/;
  const entries = Object.entries(process.env).filter(([name]) => wanted.test(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? ""]));
}
