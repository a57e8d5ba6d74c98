import { readCatalog } from "../../../databases/sqlserver/catalog/read-catalog";
import type { MsSqlConfig } from "../../../databases/sqlserver/config";
import { msSqlConfigOf } from "../../../databases/sqlserver/connection-settings";
import { closePools } from "../../../databases/sqlserver/pool";
import { sourceConnectionName } from "../../../databases/sqlserver/source-connection";
import type { CatalogTable } from "../../../model/catalog-table";
import type { ResourceSpec } from "../../../model/resource-spec";
import { packList } from "../../../sql/plans/packed";
import type {
  BuiltInInfrastructure,
  ContributionContext,
  ProviderConfig,
  SourceTableDescription,
} from "../../lifecycle/contribution";
import { tablesOf } from "./config";
import { namedTables } from "./named-tables";
import { readColumns } from "./read-columns";

/** What the input sqlserver needs: change data capture of its database, and of the tables that it reads. */
export const infrastructure: BuiltInInfrastructure = {
  contribute: async (config, _upstream, context) => {
    const server = serverOf(config);
    const { tables } = await readCatalog(server, context.signal).finally(closePools);
    const wanted = tablesOf(config);
    const names = wanted.map(({ name }) => name);
    const chosen = namedTables(names, tables, server);
    const { database } = server;
    return {
      resources: captureOf(database, chosen, context),
      tables: chosen.map((table, index) => described(database, table, wanted[index]?.columns)),
    };
  },
  environment: (config, { environment }) => variablesOf(serverOf(config), environment),
};

/** A table for the output behind: with the columns that come down the stream. */
function described(database: string, table: CatalogTable, columns?: readonly string[]): SourceTableDescription {
  const definition = { ...table, columns: readColumns(table, columns) };
  return { schema: table.schema, table: table.table, database, definition };
}

/** Name of the server in the connections of the task's resources. */
const SERVER = "input";

function captureOf(database: string, tables: readonly CatalogTable[], context: ContributionContext): ResourceSpec[] {
  const { environment, task } = context;
  const place = {
    connection: sourceConnectionName({ environment, server: SERVER }),
    address: {},
    database,
    manage: true,
  };
  const whole: ResourceSpec = { type: "SourceDatabaseCdc", name: database, args: { ...place, tenants: [] } };
  return [
    whole,
    ...tables.map((table): ResourceSpec => ({
      type: "SourceTableCdc",
      name: captureName(database, table),
      args: {
        ...place,
        schema: table.schema,
        table: table.table,
        captured: packList(
          readColumns(table)
            .map(({ name }) => name)
            .sort(),
        ),
        netChanges: false,
        snapshot: "initial",
        // Not a sink: how far the task has got only the task knows.
        sinks: packList([`task:${task}`, ""]),
      },
      dependsOn: [`SourceDatabaseCdc ${database}`],
    })),
  ];
}

/** Name of the resource that captures a table. */
function captureName(database: string, { schema, table }: Pick<CatalogTable, "schema" | "table">): string {
  return `${database}/${schema}.${table}`;
}

function serverOf(config: ProviderConfig): MsSqlConfig {
  return msSqlConfigOf(config);
}

function variablesOf(server: MsSqlConfig, environment: string): Record<string, string> {
  const settings = {
    HOST: server.host,
    PORT: String(server.port),
    USER: server.user,
    PASSWORD: server.password ?? "",
    ENCRYPT: String(server.encrypt ?? true),
    TRUST_SERVER_CERTIFICATE: String(server.trustServerCertificate ?? false),
  };
  const prefix = `MSSQL_${environment.toUpperCase()}`;
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${prefix}_${key}`, value]));
}
