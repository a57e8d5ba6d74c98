import { cdcManagementProps, planCdcManagement } from "../../sql/plans/cdc-management";
import { SCHEMA_VERSION } from "../../sql/plans/props";
import { planSinkSchema } from "../../sql/plans/sink-schema";
import { bodyOf, renderFile } from "../migration-file";
import { SCHEMA_PLACEHOLDER, type SchemaEntry } from "../migration-set";
import { isPlain } from "../plain-schema";
import { SCHEMA_BLOCK } from "../schema-blocks";
import type { RenderedFile } from "./table-files";
import { markedSchema, withPlaceholders } from "./template-table";

export const SCHEMAS_FILE = "00-infrastructure/01-create-schemas.sql";
export const MANAGEMENT_FILE = "00-infrastructure/02-cdc-management.sql";

const NOWHERE = { connection: "", database: "" };

/** Schemas and the management schema of a sink. */
export function infrastructureFiles(
  sink: string,
  applicationRole: string | undefined,
  schemas: Readonly<Record<string, readonly SchemaEntry[]>>,
): RenderedFile[] {
  const role = applicationRole === undefined ? {} : { applicationRole };
  const management = planCdcManagement(undefined, cdcManagementProps(NOWHERE, role));
  const blocks = schemaNames(schemas).map((schema) => schemaBlock(schema, role));
  return [
    renderFile(SCHEMAS_FILE, [["Sink", sink]], withPlaceholders(blocks.join("\n"))),
    renderFile(
      MANAGEMENT_FILE,
      [
        ["Sink", sink],
        ["Target", '"cdc_management"'],
      ],
      withPlaceholders(bodyOf(management.statements)),
    ),
  ];
}

function schemaBlock(schema: string, role: { readonly applicationRole?: string }): string {
  const name = markedSchema(schema);
  const plan = planSinkSchema(undefined, { ...NOWHERE, ...role, schemaVersion: SCHEMA_VERSION, name });
  return `${SCHEMA_BLOCK}${JSON.stringify(name)}\n${bodyOf(plan.statements)}`;
}

/** The placeholder for customers whose names are plain, and every other schema by its name. */
function schemaNames(schemas: Readonly<Record<string, readonly SchemaEntry[]>>): string[] {
  const all = Object.values(schemas).flat();
  const plain = all.filter(({ name, tenant }) => tenant !== undefined && isPlain(name));
  const others = all.filter((entry) => !plain.includes(entry)).map(({ name }) => name);
  return [...(plain.length === 0 ? [] : [SCHEMA_PLACEHOLDER]), ...[...new Set(others)].sort()];
}
