import { parseColumnSpec } from "../../../sql/plans/column-spec";
import type { StagingTableOutputs, StagingTableProps } from "../../../sql/plans/props";
import { STAGING_COLUMNS } from "../../../sql/plans/staging-columns";
import { stagingDefinition, stagingFingerprint } from "../../../sql/plans/staging-table";
import { nameKey, type Catalog, type CatalogTable } from "../catalog";
import type { PgConfig } from "../config";
import { sameDefault } from "./defaults";
import { roleHolding } from "./rights";

const TRIGGER = "trg_mark_for_merge";
// What PostgreSQL's tgtype says of AFTER INSERT FOR EACH STATEMENT.
const AFTER_INSERT_STATEMENT = 4;

/** The staging table as the database has it; undefined when there is none. */
export async function actualStagingTable(
  catalog: Catalog,
  known: StagingTableProps | StagingTableOutputs,
  config: PgConfig,
): Promise<StagingTableOutputs | undefined> {
  const { schemaVersion, connection, database, schema, table, staging, applicationRole } = known;
  const found = catalog.tables.get(nameKey(schema, staging));
  if (found === undefined) return undefined;
  const base = { schemaVersion, connection, database, schema, table, staging, logged: found.logged };
  const definition = faultOf(found) ?? (await definitionOf(found, known, config));
  return { ...base, ...roleHolding(found, applicationRole, "ra"), definition };
}

/** What is wrong besides columns, in words that no hash is equal to. */
function faultOf(found: CatalogTable): string | undefined {
  const fault = triggerFault(found);
  if (fault !== undefined) return fault;
  const required = found.columns.find(({ name, notNull }) => notNull && !Object.hasOwn(STAGING_COLUMNS, name));
  return required === undefined ? undefined : `altered: column ${required.name} is NOT NULL`;
}

/** What is wrong with the trigger that marks the table for merge; undefined when nothing is. */
export function triggerFault(found: CatalogTable): string | undefined {
  const trigger = found.triggers.find(({ name }) => name === TRIGGER);
  if (trigger === undefined) return `altered: trigger ${TRIGGER} is missing`;
  if (trigger.enabled !== "O") return `altered: trigger ${TRIGGER} is disabled`;
  const right = trigger.functionSchema === "cdc_management" && trigger.functionName === "mark_table_for_merge";
  return right && trigger.type === AFTER_INSERT_STATEMENT
    ? undefined
    : `altered: trigger ${TRIGGER} does something else`;
}

async function definitionOf(
  found: CatalogTable,
  known: StagingTableProps | StagingTableOutputs,
  config: PgConfig,
): Promise<string> {
  const fingerprint = stagingFingerprint(found.columns, found.logged);
  // State has only a hash of the defaults, so these are looked at when the inputs are known: when something else changes.
  if ("definition" in known) return `${fingerprint}:${known.definition.split(":")[1] ?? ""}`;
  const fault = await defaultFault(found, known, config);
  return fault ?? `${fingerprint}:${stagingDefinition(known).split(":")[1] ?? ""}`;
}

async function defaultFault(
  found: CatalogTable,
  known: StagingTableProps,
  config: PgConfig,
): Promise<string | undefined> {
  for (const column of found.columns) {
    const text = known.columns[column.name];
    if (text === undefined) continue;
    const wanted = parseColumnSpec(column.name, text).default;
    if (wanted === undefined && column.default === undefined) continue;
    const same = await sameDefault(config, column.type, wanted, column.default);
    if (same !== wanted) return `altered: column ${column.name} has another default`;
  }
  return undefined;
}
