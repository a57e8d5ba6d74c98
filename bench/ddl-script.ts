import { connectionName } from "../databases/postgres/settings";
import { loadPipelineModel } from "../config";
import type { Plan } from "../sql/plan";
import { cdcManagementProps, planCdcManagement } from "../sql/plans/cdc-management";
import { mergeProcedureProps, sinkTableProps, stagingTableProps } from "../sql/plans/from-model";
import { planMergeProcedure } from "../sql/plans/merge-procedure";
import { SCHEMA_VERSION } from "../sql/plans/props";
import { planSinkSchema } from "../sql/plans/sink-schema";
import { planSinkTable } from "../sql/plans/sink-table";
import { planStagingTable } from "../sql/plans/staging-table";

/** The statements of a deployment, by what may run side by side. */
export interface DdlUnits {
  /** The management schema and the schemas: first, and alone. */
  readonly shared: string;
  /** Final table, staging table and merge procedure of each table, in any order. */
  readonly tables: readonly { readonly name: string; readonly sql: string }[];
}

/** The statements that a deployment of the project sends. */
export function ddlUnits(directory: string): DdlUnits {
  const { sinks } = loadPipelineModel(directory, { environment: "dev", service: "clinic", env: process.env });
  const units = sinks.map(({ name, database, applicationRole, schemas, tables }) => {
    const role = applicationRole === undefined ? {} : { applicationRole };
    const place = { connection: connectionName({ environment: "dev", sink: name }), database, ...role };
    return {
      shared: [
        planCdcManagement(undefined, cdcManagementProps(place, role)),
        ...schemas.map((schema) =>
          planSinkSchema(undefined, { ...place, schemaVersion: SCHEMA_VERSION, name: schema.name }),
        ),
      ],
      tables: tables.map((table) => ({
        name: `${table.schema}_${table.name}`,
        sql: joined([
          planSinkTable(undefined, sinkTableProps(table, place)),
          planStagingTable(undefined, stagingTableProps(table, place)),
          planMergeProcedure(undefined, mergeProcedureProps(table, place)),
        ]),
      })),
    };
  });
  return { shared: joined(units.flatMap(({ shared }) => shared)), tables: units.flatMap(({ tables }) => tables) };
}

/** All of them as one script for `psql -1 -f`. */
export function ddlScript({ shared, tables }: DdlUnits): string {
  return [shared, ...tables.map(({ sql }) => sql)].join("\n");
}

function joined(plans: readonly Plan[]): string {
  return plans
    .flatMap(({ statements }) => statements)
    .map((statement) => `${statement}\n;`)
    .join("\n");
}
