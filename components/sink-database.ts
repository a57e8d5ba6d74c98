import * as pulumi from "@pulumi/pulumi";
import { connectionName } from "../databases/postgres/settings";
import type { Sink, SinkTable } from "../model/sink";
import { CdcManagement } from "../providers/cdc-management";
import { SinkSchema } from "../providers/sink-schema";
import { cdcManagementProps } from "../sql/plans/cdc-management";
import { makeInTurn } from "./in-flight";
import { asksForManagement, ManagedAccess } from "./managed-access";
import { ReplicatedTable, type TablePlace } from "./replicated-table";
import { retaining, type Retention } from "./retention";
import { serverOf, type ServerAccess } from "./server-access";
import { SharedObjects } from "./shared-objects";

/** Arguments of {@link SinkDatabase}. */
export interface SinkDatabaseArgs {
  readonly sink: Sink;
  readonly environment: string;
  readonly retention: Retention;
  /** Needed only when the sink's `manage:` asks for database, role or grants. */
  readonly server?: ServerAccess;
  /** Shared with the other sinks of the program. */
  readonly shared?: SharedObjects;
}

const TABLES_IN_FLIGHT = 64;

/** One sink: its management schema, its schemas and their tables. */
export class SinkDatabase extends pulumi.ComponentResource {
  readonly access: ManagedAccess | undefined;
  readonly management: CdcManagement;
  readonly schemas: ReadonlyMap<string, SinkSchema>;
  /** Resolves when the last table is registered. */
  readonly tables: Promise<readonly ReplicatedTable[]>;

  constructor(name: string, args: SinkDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("cdc:index:SinkDatabase", name, {}, opts);
    const { sink, retention, shared = new SharedObjects() } = args;
    const place = placeOf(sink, args.environment);
    const kept = { parent: this, ...retaining(retention) };

    this.access = this.manageAccess(name, args);
    const first = { ...kept, dependsOn: this.access?.made ?? [] };
    const managementProps = cdcManagementProps(place, { ...roleOf(sink), retain: retention.protect });
    this.management = shared.management(sink, (own) => new CdcManagement(own, managementProps, first));

    const second = { ...kept, dependsOn: this.management };
    const makeSchema = (schema: string) => (own: string) =>
      new SinkSchema(own, { ...place, name: schema }, { ...second, ...keepingForeign(sink, schema) });
    this.schemas = new Map(
      sink.schemas.map(({ name: schema }) => [schema, shared.schema(sink, schema, makeSchema(schema))]),
    );
    const makeTable = (table: SinkTable): ReplicatedTable => {
      const dependsOn = this.schemas.get(table.schema) ?? this.management;
      const tableName = `${sink.name}/${table.schema}/${table.name}`;
      return new ReplicatedTable(tableName, { table, place, retention, dependsOn }, { parent: this });
    };
    this.tables = makeInTurn(sink.tables, TABLES_IN_FLIGHT, makeTable, ({ mergeProcedure }) => mergeProcedure.urn);
    // The engine waits for the outputs, and so for the last table.
    this.registerOutputs({ tables: this.tables.then((tables) => tables.length) });
  }

  private manageAccess(name: string, args: SinkDatabaseArgs): ManagedAccess | undefined {
    const { sink, environment, server, retention } = args;
    if (!asksForManagement(sink)) return undefined;
    const password = server?.applicationPassword;
    const access = {
      sink,
      server: serverOf(server, { environment, sink: sink.name }, sink.database),
      ...(password === undefined ? {} : { applicationPassword: password }),
      protect: retention.protect,
    };
    return new ManagedAccess(name, access, { parent: this });
  }
}

/** A schema with somebody else's table (`target_exists`) was there before us, and stays when we go. */
function keepingForeign(sink: Sink, schema: string): { retainOnDelete?: true } {
  return sink.tables.some((table) => table.targetExists && table.schema === schema) ? { retainOnDelete: true } : {};
}

/** Where a sink's resources are made, and for whom. */
export function placeOf(sink: Sink, environment: string): TablePlace {
  const connection = connectionName({ environment, sink: sink.name });
  return { connection, database: sink.database, ...roleOf(sink) };
}

function roleOf({ applicationRole }: Sink): { applicationRole?: string } {
  return applicationRole === undefined ? {} : { applicationRole };
}
