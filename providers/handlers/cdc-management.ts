import {
  actualManagement,
  MANAGEMENT_SCHEMA,
  type CdcManagementState,
} from "../../databases/postgres/actual/cdc-management";
import { fingerprintsOf } from "../../databases/postgres/actual/management-fingerprint";
import { planCdcManagement, recordManagementObjects } from "../../sql/plans/cdc-management";
import type { CdcManagementProps } from "../../sql/plans/props";
import { checkIdentifiers } from "./checks";
import { lifeCycle } from "./life-cycle";
import type { ResourceKind } from "./resource-kind";

export const cdcManagementKind: ResourceKind<CdcManagementProps, CdcManagementState> = {
  noun: "CdcManagement",
  identity: ["database"],
  shared: true,
  object: () => `schema ${MANAGEMENT_SCHEMA}`,
  owned: () => [{ schema: MANAGEMENT_SCHEMA }],
  check: (inputs) => checkIdentifiers(inputs, ["applicationRole"]),
  plan: planCdcManagement,
  outputs: (inputs, actual) => (actual?.objects === undefined ? inputs : { ...inputs, objects: actual.objects }),
  actual: (catalog, known) => Promise.resolve(actualManagement(catalog, known)),
  settled: (catalog, outputs) => ({ ...outputs, objects: fingerprintsOf(catalog, MANAGEMENT_SCHEMA) }),
  told: ({ definition, objects }) => (objects === undefined ? [] : [recordManagementObjects(definition, objects)]),
};

export const cdcManagement = lifeCycle(cdcManagementKind);
