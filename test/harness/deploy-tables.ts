import type { SinkTable } from "../../model/sink";
import { cdcManagementProps, planCdcManagement } from "../../sql/plans/cdc-management";
import {
  mergeProcedureProps,
  sinkTableProps,
  stagingTableProps,
  type PropsSettings,
} from "../../sql/plans/from-model";
import { planMergeProcedure } from "../../sql/plans/merge-procedure";
import { planSinkSchema } from "../../sql/plans/sink-schema";
import { planSinkTable } from "../../sql/plans/sink-table";
import { planStagingTable } from "../../sql/plans/staging-table";
import type { TestDatabase } from "./database";

/** Settings of {@link deployTables}: the application role, the batch size. */
export type DeploySettings = Partial<PropsSettings>;

/** Makes the management schema, and all that belongs to the tables, as a deployment does. */
export async function deployTables(
  database: TestDatabase,
  tables: readonly SinkTable[],
  more: DeploySettings = {},
): Promise<void> {
  const settings: PropsSettings = { connection: "sink:dev:main.test", database: database.config.database, ...more };
  const schemas = [...new Set(tables.map(({ schema }) => schema))];
  const plans = [
    planCdcManagement(undefined, cdcManagementProps(settings, settings)),
    ...schemas.map((name) => planSinkSchema(undefined, { schemaVersion: 1, ...settings, name })),
    ...tables.flatMap((table) => [
      planSinkTable(undefined, sinkTableProps(table, settings)),
      planStagingTable(undefined, stagingTableProps(table, settings)),
      planMergeProcedure(undefined, mergeProcedureProps(table, settings)),
    ]),
  ];
  for (const { statements } of plans) await database.query(statements.join("\n;\n"));
}
