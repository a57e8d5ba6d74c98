import { connectionName } from "../../../databases/postgres/settings";
import { resourceKey, type Json, type ResourceSpec, type ResourceType } from "../../../model/resource-spec";
import type { Sink, SinkTable } from "../../../model/sink";
import { cdcManagementProps } from "../../../sql/plans/cdc-management";
import {
  mergeProcedureProps,
  sinkTableProps,
  stagingTableProps,
  type PropsSettings,
} from "../../../sql/plans/from-model";

/** Other tasks may use the same schemas: they stay as long as anything else is in them. */
const SHARED = { keepWhenUsed: true };

/** The resources of a sink, as the component `SinkDatabase` makes them for a stack. */
export function sinkResources({ name, database, schemas, tables }: Sink, environment: string): ResourceSpec[] {
  const place = { connection: connectionName({ environment, sink: name }), database };
  const management = spec("CdcManagement", database, { ...cdcManagementProps(place), ...SHARED });
  const made = schemas.map((schema) =>
    spec("SinkSchema", schema.name, { ...place, name: schema.name, ...SHARED }, management),
  );
  return [management, ...made, ...tables.flatMap((table) => tableResources(table, place))];
}

/** One after the other: the procedure needs both tables. */
function tableResources(table: SinkTable, place: PropsSettings): ResourceSpec[] {
  const name = `${table.schema}.${table.name}`;
  const first = { type: "SinkSchema", name: table.schema } as const;
  const sinkTable = spec("SinkTable", name, sinkTableProps(table, place), first);
  const staging = spec("StagingTable", name, stagingTableProps(table, place), sinkTable);
  return [sinkTable, staging, spec("MergeProcedure", name, mergeProcedureProps(table, place), staging)];
}

function spec(
  type: ResourceType,
  name: string,
  args: object,
  after?: Pick<ResourceSpec, "type" | "name">,
): ResourceSpec {
  const plain = args as { readonly [key: string]: Json };
  return { type, name, args: plain, ...(after === undefined ? {} : { dependsOn: [resourceKey(after)] }) };
}
