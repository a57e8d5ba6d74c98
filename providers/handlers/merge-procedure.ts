import { actualMergeProcedure } from "../../databases/postgres/actual/merge-procedure";
import { packageVersion } from "../../lib/package-root";
import { recordHistory, type HistoryEntry } from "../../sql/history";
import { mergeProcedureOutputs, planMergeProcedure, procedureDefinition } from "../../sql/plans/merge-procedure";
import type { MergeProcedureOutputs, MergeProcedureProps } from "../../sql/plans/props";
import { checkColumns, checkIdentifiers } from "./checks";
import { lifeCycle } from "./life-cycle";
import type { ResourceKind } from "./resource-kind";

export const mergeProcedureKind: ResourceKind<MergeProcedureProps, MergeProcedureOutputs> = {
  noun: "MergeProcedure",
  identity: ["database", "schema", "procedure"],
  shared: false,
  object: ({ schema, procedure }) => `procedure ${schema}.${procedure}`,
  owned: ({ schema, procedure }) => [{ schema, routine: procedure }],
  check: (inputs) => [
    ...checkIdentifiers(inputs, ["schema", "table", "staging", "procedure", "applicationRole"]),
    ...checkColumns(inputs),
  ],
  plan: planMergeProcedure,
  outputs: mergeProcedureOutputs,
  history: (inputs) => [recordHistory([historyEntry(inputs)])],
  actual: (catalog, known) => Promise.resolve(actualMergeProcedure(catalog, known)),
};

/** One row a table: its last resource names the shape, and with it all columns. */
function historyEntry(inputs: MergeProcedureProps): HistoryEntry {
  return {
    file: `pulumi/${inputs.table}`,
    checksum: `sha256:${procedureDefinition(inputs)}`,
    schema: inputs.schema,
    category: "pulumi",
    outcome: "applied",
    toolVersion: packageVersion(),
  };
}

export const mergeProcedure = lifeCycle(mergeProcedureKind);
