import type { MsSqlConfig } from "../databases/sqlserver/config";
import type { SourceSettings, SourceSettingsSources } from "../databases/sqlserver/settings";
import type { DeployedSource } from "../databases/sqlserver/source-connection";
import type { Stack } from "../engine/stack";
import { CdcError } from "../lib/errors";
import type { SourceTableTopology, SourceTopology, Topology } from "../model/topology";
import { unpackList } from "../sql/plans/packed";
import type { SourceDatabaseOutputs, SourceTableOutputs } from "../sql/plans/source-props";
import { resourcesOf, type DeployedResource } from "./deployment";
import { openStackConfig } from "./stack-config";

/** Connection and database. */
const SINK_PARTS = 2;

/** The sources that a stack captures, and how to reach them. */
export interface DeployedTopology {
  readonly topology: Topology;
  /** Throws CdcError (CDC_MSSQL_NOT_CONFIGURED) naming the setting that is missing. */
  readonly sourceConfig: (connection: string, database: string) => MsSqlConfig;
  /** Name of a connection's server, such as `hospital`. */
  readonly serverName: (connection: string) => string;
}

/**
 * Reads a stack's state and settings. A stack that captures nothing has no sources.
 * Throws what reading the stack's settings throws.
 */
export async function deployedTopology(
  stack: Stack,
  name: string,
  projectDirectory: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<DeployedTopology> {
  const resources = resourcesOf(await stack.export()).filter((one) => one.delete !== true);
  const databases = propertiesOf<SourceDatabaseOutputs>(resources, "SourceDatabaseCdc");
  const tables = propertiesOf<SourceTableOutputs>(resources, "SourceTableCdc");
  const settings = await settingsOf(projectDirectory, name, env);
  const { deployedSourceConfig, parseSourceConnectionName } = await import("../databases/sqlserver/source-connection");
  const sources = databases.map((database) => sourceOf(database, tables));
  return {
    topology: { sources },
    sourceConfig: (connection, database) => deployedSourceConfig(databaseOf(databases, connection, database), settings),
    serverName: (connection) => parseSourceConnectionName(connection).server,
  };
}

/** `cdc:source` and `cdc:sources` of a stack, decrypted, beside the environment. */
async function settingsOf(
  projectDirectory: string,
  stack: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Omit<SourceSettingsSources, "servers">> {
  const { value } = await openStackConfig(projectDirectory, stack, env);
  const source = value<SourceSettings>("cdc:source");
  const sources = value<Record<string, SourceSettings>>("cdc:sources");
  return { ...(source === undefined ? {} : { source }), ...(sources === undefined ? {} : { sources }), env };
}

function propertiesOf<P>(resources: readonly DeployedResource[], noun: string): P[] {
  const type = `pulumi-nodejs:dynamic/cdc:${noun}`;
  return resources
    .filter((resource) => resource.type === type)
    .map(({ inputs, outputs }) => ({ ...inputs, ...outputs }) as unknown as P);
}

function sourceOf(
  { connection, database, tenants }: SourceDatabaseOutputs,
  tables: readonly SourceTableOutputs[],
): SourceTopology {
  const own = tables.filter((table) => table.connection === connection && table.database === database);
  return { connection, database, tenants, tables: own.map(tableOf) };
}

function tableOf({ schema, table, snapshot, instances, sinks }: SourceTableOutputs): SourceTableTopology {
  // A stream knows what is read in its own sink only.
  const isShared = unpackList(sinks).length > SINK_PARTS;
  return { schema, table, snapshot, ownInstances: isShared ? [] : instances };
}

function databaseOf(databases: readonly SourceDatabaseOutputs[], connection: string, database: string): DeployedSource {
  const found = databases.find((one) => one.connection === connection && one.database === database);
  if (found !== undefined) return found;
  const hint = "Deploy the stack that captures it: `cdc up`.";
  throw new CdcError("CDC_NOT_DEPLOYED", `${connection} has no captured database ${database}`, { hint });
}
