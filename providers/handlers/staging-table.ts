import { actualStagingTable } from "../../databases/postgres/actual/staging-table";
import type { StagingTableOutputs, StagingTableProps } from "../../sql/plans/props";
import { planStagingTable, stagingTableOutputs } from "../../sql/plans/staging-table";
import { checkColumns, checkIdentifiers } from "./checks";
import { lifeCycle } from "./life-cycle";
import type { ResourceKind } from "./resource-kind";

export const stagingTableKind: ResourceKind<StagingTableProps, StagingTableOutputs> = {
  noun: "StagingTable",
  identity: ["database", "schema", "staging"],
  shared: false,
  object: ({ schema, staging }) => `staging table ${schema}.${staging}`,
  owned: ({ schema, staging }) => [{ schema, table: staging }],
  check: (inputs) => [
    ...checkIdentifiers(inputs, ["schema", "table", "staging", "applicationRole"]),
    ...checkColumns({ columns: inputs.columns }),
  ],
  plan: planStagingTable,
  outputs: stagingTableOutputs,
  actual: actualStagingTable,
};

export const stagingTable = lifeCycle(stagingTableKind);
