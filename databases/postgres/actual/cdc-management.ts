import type { CdcManagementProps } from "../../../sql/plans/props";
import type { Catalog } from "../catalog";
import { differencesOf, fingerprintsOf, type Fingerprints } from "./management-fingerprint";
import { roleHolding } from "./rights";

/** The schema that all of a database's tables share. */
export const MANAGEMENT_SCHEMA = "cdc_management";

/** The management resource's properties, and what the schema held after it was last made. */
export interface CdcManagementState extends CdcManagementProps {
  readonly objects?: Fingerprints;
}

/** The management schema as the database has it; undefined when there is none. */
export function actualManagement(
  catalog: Catalog,
  known: CdcManagementProps | CdcManagementState,
): CdcManagementState | undefined {
  const found = catalog.schemas.get(MANAGEMENT_SCHEMA);
  if (found === undefined) return undefined;
  const { applicationRole, ...props } = known;
  const role = roleHolding(found, applicationRole, "U");
  // What the database says of itself is newer than what a state remembers: files may have made the schema since.
  const objects = catalog.management?.objects ?? ("objects" in known ? known.objects : undefined);
  // Without knowing what it held, nothing says that it is whole: it is made again, which changes nothing in a whole one.
  if (objects === undefined) return { ...props, ...role, definition: "unknown" };
  const differences = differencesOf(objects, fingerprintsOf(catalog, MANAGEMENT_SCHEMA));
  const definition = catalog.management?.definition ?? props.definition;
  return {
    ...props,
    ...role,
    objects,
    definition: differences.length === 0 ? definition : `altered: ${differences.join(", ")}`,
  };
}
