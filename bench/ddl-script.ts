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

/** The statements that a deployment of the project sends, as one script for `psql -1 -f`. */
export function ddlScript(directory: string): string {
  const { sinks } = loadPipelineModel(directory, { environment: "dev", service: "clinic", env: process.env });
  const plans = sinks.flatMap(({ name, database, applicationRole, schemas, tables }): Plan[] => {
    const role = applicationRole === undefined ? {} : { applicationRole };
    const place = { connection: connectionName({ environment: "dev", sink: name }), database, ...role };
    return [
      planCdcManagement(undefined, cdcManagementProps(place, role)),
      ...schemas.map((schema) =>
        planSinkSchema(undefined, { ...place, schemaVersion: SCHEMA_VERSION, name: schema.name }),
      ),
      ...tables.map((table) => planSinkTable(undefined, sinkTableProps(table, place))),
      ...tables.map((table) => planStagingTable(undefined, stagingTableProps(table, place))),
      ...tables.map((table) => planMergeProcedure(undefined, mergeProcedureProps(table, place))),
    ];
  });
  return plans.flatMap(({ statements }) => statements).join("\n;\n");
}
