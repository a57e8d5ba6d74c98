import type { Catalog } from "../../databases/postgres/catalog";
import { planCdcManagement } from "../../sql/plans/cdc-management";
import type { CdcManagementProps } from "../../sql/plans/props";
import { checkIdentifiers } from "./checks";
import { lifeCycle } from "./life-cycle";
import { differencesOf, fingerprintsOf, type Fingerprints } from "./management-fingerprint";
import type { ResourceKind } from "./resource-kind";
import { roleHolding } from "./rights";

const SCHEMA = "cdc_management";

/** Outputs: the inputs, and what the schema held after it was last made. */
export interface CdcManagementState extends CdcManagementProps {
  readonly objects?: Fingerprints;
}

export const cdcManagementKind: ResourceKind<CdcManagementProps, CdcManagementState> = {
  noun: "CdcManagement",
  identity: ["database"],
  shared: true,
  object: () => `schema ${SCHEMA}`,
  owned: () => [{ schema: SCHEMA }],
  check: (inputs) => checkIdentifiers(inputs, ["applicationRole"]),
  plan: planCdcManagement,
  outputs: (inputs, actual) => (actual?.objects === undefined ? inputs : { ...inputs, objects: actual.objects }),
  actual: (catalog, known) => Promise.resolve(actualManagement(catalog, known)),
  settled: (catalog, outputs) => ({ ...outputs, objects: fingerprintsOf(catalog, SCHEMA) }),
};

export const cdcManagement = lifeCycle(cdcManagementKind);

function actualManagement(
  catalog: Catalog,
  known: CdcManagementProps | CdcManagementState,
): CdcManagementState | undefined {
  const found = catalog.schemas.get(SCHEMA);
  if (found === undefined) return undefined;
  const { applicationRole, ...props } = known;
  const role = roleHolding(found, applicationRole, "U");
  const objects = "objects" in known ? known.objects : undefined;
  // Without knowing what it held, nothing says that it is whole: it is made again, which changes nothing in a whole one.
  if (objects === undefined) return { ...props, ...role, definition: "unknown" };
  const differences = differencesOf(objects, fingerprintsOf(catalog, SCHEMA));
  return {
    ...props,
    ...role,
    ...(differences.length === 0 ? {} : { definition: `altered: ${differences.join(", ")}` }),
  };
}
