import type { MergeProcedureOutputs, MergeProcedureProps } from "../../../sql/plans/props";
import { nameKey, type Catalog, type CatalogRoutine } from "../catalog";
import { roleHolding } from "./rights";

const ARGUMENTS = "INOUT result jsonb, IN batch_size integer";
const SEARCH_PATH = "search_path=pg_catalog, pg_temp";

/** The merge procedure as the database has it; undefined when there is none. */
export function actualMergeProcedure(
  catalog: Catalog,
  known: MergeProcedureProps | MergeProcedureOutputs,
): MergeProcedureOutputs | undefined {
  const { schemaVersion, connection, database, schema, table, staging, procedure, applicationRole } = known;
  const named = catalog.routines.get(nameKey(schema, procedure)) ?? [];
  const found = named.find((routine) => routine.kind === "procedure" && routine.arguments === ARGUMENTS);
  if (found === undefined) return undefined;
  const own = { schemaVersion, connection, database, schema, table, staging, procedure };
  return { ...own, ...roleHolding(found, applicationRole, "X"), definition: definitionOf(catalog, known, found) };
}

/** The hash of the body while all the rest is as it should be; else what is wrong, which no hash is equal to. */
function definitionOf(
  catalog: Catalog,
  { schema, table, staging, procedure }: MergeProcedureProps | MergeProcedureOutputs,
  routine: CatalogRoutine,
): string {
  if (!routine.definer || !routine.settings.includes(SEARCH_PATH))
    return "altered: not SECURITY DEFINER with its search_path";
  const control = catalog.mergeControl.get(nameKey(schema, table));
  if (control === undefined) return "unregistered: no row in cdc_management.merge_control";
  if (control.staging !== staging || control.procedure !== procedure)
    return "altered: merge_control names other objects";
  return routine.bodyHash;
}
