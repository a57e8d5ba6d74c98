import * as pulumi from "@pulumi/pulumi";
import { connectionName } from "../databases/postgres/settings";
import { sourceConnectionName } from "../databases/sqlserver/source-connection";
import { mergeCaptures } from "../model/merge-captures";
import type { PipelineModel } from "../model/sink";
import type { CapturedDatabase, CapturedTable } from "../model/source-capture";
import { SourceDatabaseCdc } from "../providers/source-database-cdc";
import { SourceTableCdc } from "../providers/source-table-cdc";
import { packList } from "../sql/plans/packed";
import { makeInTurn } from "./in-flight";

/** Arguments of {@link SourceCapture}. */
export interface SourceCaptureArgs {
  /** Every service of the program: they may share source databases, and tables. */
  readonly models: readonly PipelineModel[];
}

const TABLES_IN_FLIGHT = 64;

/** Change data capture of all source databases of a program, each once. */
export class SourceCapture extends pulumi.ComponentResource {
  readonly databases: readonly SourceDatabaseCdc[];
  /** Resolves when the last table is registered. */
  readonly tables: Promise<readonly SourceTableCdc[]>;

  constructor(name: string, { models }: SourceCaptureArgs, opts?: pulumi.ComponentResourceOptions) {
    super("cdc:index:SourceCapture", name, {}, opts);
    const captured = namedOnce(mergeCaptures(models.flatMap(({ capture }) => capture)));
    const made = captured.map(({ name: own, database }) => ({
      own,
      database,
      resource: new SourceDatabaseCdc(own, databaseArgs(database), { parent: this }),
    }));
    this.databases = made.map(({ resource }) => resource);
    const wanted = made.flatMap((one) => one.database.tables.map((table) => ({ ...one, table })));
    this.tables = makeInTurn(
      wanted,
      TABLES_IN_FLIGHT,
      ({ own, database, resource, table }) =>
        new SourceTableCdc(`${own}/${table.schema}.${table.table}`, tableArgs(database, table), {
          parent: resource,
          dependsOn: resource,
        }),
      ({ urn }) => urn,
    );
    // The engine waits for the outputs, and so for the last table.
    this.registerOutputs({ tables: this.tables.then((tables) => tables.length) });
  }
}

/** The capture of all these models' sources; none where no server is declared. */
export function captureSources(models: readonly PipelineModel[]): SourceCapture | undefined {
  return models.some(({ capture }) => capture.length > 0) ? new SourceCapture("sources", { models }) : undefined;
}

/**
 * Names of resources: the database's alone, so that its server may get another name without the capture being made
 * anew; with the server's where two servers have a database of one name.
 */
function namedOnce(databases: readonly CapturedDatabase[]): { name: string; database: CapturedDatabase }[] {
  const taken = new Set<string>();
  return databases.map((database) => {
    const plain = database.database;
    const name = taken.has(plain) ? `${database.server}/${plain}` : plain;
    taken.add(name);
    return { name, database };
  });
}

function databaseArgs(database: CapturedDatabase) {
  return { ...placeOf(database), tenants: database.tenants };
}

function tableArgs(database: CapturedDatabase, { schema, table, columns, snapshot }: CapturedTable) {
  const { settings, environment, sinks } = database;
  const { role, filegroup, netChanges } = settings;
  return {
    ...placeOf(database),
    schema,
    table,
    captured: packList(columns),
    ...(role === undefined ? {} : { role }),
    ...(filegroup === undefined ? {} : { filegroup }),
    netChanges,
    snapshot,
    sinks: packList(sinks.flatMap((sink) => [connectionName({ environment, sink: sink.name }), sink.database])),
  };
}

function placeOf({ environment, server, address, database, settings }: CapturedDatabase) {
  return { connection: sourceConnectionName({ environment, server }), address, database, manage: settings.manage };
}
