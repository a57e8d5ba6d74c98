import type { SinkTable } from "../../model/sink";
import { cdcManagementProps, planCdcManagement } from "../../sql/plans/cdc-management";
import { mergeProcedureProps, sinkTableProps, stagingTableProps, type PropsSettings } from "../../sql/plans/from-model";
import { planMergeProcedure } from "../../sql/plans/merge-procedure";
import { SCHEMA_VERSION } from "../../sql/plans/props";
import { planSinkSchema } from "../../sql/plans/sink-schema";
import { planSinkTable } from "../../sql/plans/sink-table";
import { planStagingTable } from "../../sql/plans/staging-table";
import type { Plan } from "../../sql/plan";
import type { TestDatabase } from "./database";

/** Makes the management schema, and all that belongs to the tables, with the statements of a deployment. */
export async function deployTables(
  database: Pick<TestDatabase, "query"> & { readonly config: { readonly database: string } },
  tables: readonly SinkTable[],
  applicationRole?: string,
): Promise<void> {
  const role = applicationRole === undefined ? {} : { applicationRole };
  const settings: PropsSettings = { connection: "sink:dev:main.test", database: database.config.database, ...role };
  const run = async ({ statements, failures }: Plan): Promise<void> => {
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    await database.query(statements.join("\n;\n"));
  };
  await run(planCdcManagement(undefined, cdcManagementProps(settings, role)));
  for (const name of new Set(tables.map(({ schema }) => schema))) {
    await run(planSinkSchema(undefined, { ...settings, schemaVersion: SCHEMA_VERSION, name }));
  }
  for (const table of tables) {
    await run(planSinkTable(undefined, sinkTableProps(table, settings)));
    await run(planStagingTable(undefined, stagingTableProps(table, settings)));
    await run(planMergeProcedure(undefined, mergeProcedureProps(table, settings)));
  }
}
