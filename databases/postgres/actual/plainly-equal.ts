import { METADATA_COLUMNS } from "../../../model/metadata-columns";
import { parseColumnSpec } from "../../../sql/plans/column-spec";
import type { ColumnSpecs, SinkTableProps, StagingTableProps } from "../../../sql/plans/props";
import { STAGING_COLUMNS } from "../../../sql/plans/staging-columns";
import type { CatalogColumn, CatalogTable } from "../catalog";
import { samePlainDefault } from "./defaults";
import { hasSyncIndex } from "./sink-table";
import { roleHolding } from "./rights";
import { triggerFault } from "./staging-table";

const METADATA = new Map(METADATA_COLUMNS.map((column) => [column.name, column]));

interface Wanted {
  readonly type: string;
  readonly nullable: boolean;
  readonly default?: string;
}

/**
 * Whether a final table is so plainly what is wanted that no plan has to be made to see it. False says nothing: a
 * spelling may differ and mean the same.
 */
export function isPlainlyWanted(found: CatalogTable, wanted: SinkTableProps): boolean {
  const { columns, key, applicationRole, targetExists } = wanted;
  if (targetExists || found.kind !== "table") return false;
  const sameKey = found.key.length === key.length && key.every((name, index) => found.key[index] === name);
  return sameKey && hasSyncIndex(found) && holds(found, applicationRole, "r") && sameColumns(found, columns, METADATA);
}

/** The same for a staging table. */
export function isPlainlyStaged(found: CatalogTable, wanted: StagingTableProps): boolean {
  const { columns, logged, applicationRole } = wanted;
  if (found.kind !== "table" || found.logged !== logged || triggerFault(found) !== undefined) return false;
  return holds(found, applicationRole, "ra") && sameColumns(found, columns, undefined);
}

/** `metadata` undefined: a staging table, whose columns may all be NULL. */
function sameColumns(
  found: CatalogTable,
  specs: ColumnSpecs,
  metadata: ReadonlyMap<string, Wanted> | undefined,
): boolean {
  const others = metadata?.size ?? Object.keys(STAGING_COLUMNS).length;
  if (found.columns.length !== Object.keys(specs).length + others) return false;
  return found.columns.every((column) => {
    const text = Object.hasOwn(specs, column.name) ? specs[column.name] : undefined;
    if (metadata === undefined) return isStaged(column, text);
    const wanted = text === undefined ? metadata.get(column.name) : parseColumnSpec(column.name, text);
    return wanted !== undefined && column.notNull !== wanted.nullable && isOf(column, wanted);
  });
}

function isStaged(column: CatalogColumn, text: string | undefined): boolean {
  if (column.notNull) return false;
  const type = Object.hasOwn(STAGING_COLUMNS, column.name) ? STAGING_COLUMNS[column.name] : undefined;
  if (text !== undefined) return isOf(column, parseColumnSpec(column.name, text));
  return type !== undefined && isOf(column, { type });
}

function isOf(column: CatalogColumn, wanted: Pick<Wanted, "type" | "default">): boolean {
  return column.type === wanted.type && samePlainDefault(wanted.default, column.default);
}

function holds(found: CatalogTable, role: string | undefined, letters: string): boolean {
  return role === undefined || roleHolding(found, role, letters).applicationRole === role;
}
