import { actualManagement } from "../../databases/postgres/actual/cdc-management";
import { actualSinkSchema } from "../../databases/postgres/actual/sink-schema";
import type { Catalog } from "../../databases/postgres/catalog";
import { SCHEMA_VERSION } from "../../sql/plans/props";
import { planSinkSchema } from "../../sql/plans/sink-schema";
import { unreadable } from "../created-table";
import type { MigrationFile } from "../migration-file";
import type { Manifest, SchemaEntry } from "../migration-set";
import type { Difference } from "./live-unit";

/** What all tables share, beside what the files want. */
export interface LiveInfrastructure {
  /** Schemas that are missing, or not open to the application role. */
  readonly schemas: readonly SchemaEntry[];
  /** False when the management schema has to be made, or made again. */
  readonly management: boolean;
  readonly differences: readonly Difference[];
}

/** Compares schemas and the management schema with what is wanted. */
export function liveInfrastructure(
  catalog: Catalog,
  manifest: Manifest,
  environment: string,
  managementFile: MigrationFile | undefined,
): LiveInfrastructure {
  const role = manifest.sink.application_role;
  const schemas = (manifest.schemas[environment] ?? []).filter(({ name }) => !isOpen(catalog, name, role));
  const fault = managementFile === undefined ? undefined : managementFault(catalog, managementFile, role);
  const differences = schemas.map(({ name }) => schemaDifference(name, catalog.schemas.has(name)));
  return {
    schemas,
    management: fault === undefined,
    differences: fault === undefined ? differences : [...differences, fault],
  };
}

function isOpen(catalog: Catalog, name: string, role: string | undefined): boolean {
  const props = { schemaVersion: SCHEMA_VERSION, connection: "files", database: "", name };
  const wanted = role === undefined ? props : { ...props, applicationRole: role };
  const actual = actualSinkSchema(catalog, wanted);
  return actual !== undefined && planSinkSchema(actual, wanted).changes.length === 0;
}

function schemaDifference(name: string, there: boolean): Difference {
  if (!there) return { kind: "SCHEMA_MISSING", severity: "breaking", object: name, summary: "the schema is missing" };
  const summary = "the application role may not use the schema";
  return { kind: "SCHEMA_RIGHTS", severity: "warning", object: name, summary };
}

function managementFault(catalog: Catalog, file: MigrationFile, role: string | undefined): Difference | undefined {
  const object = "cdc_management";
  const wanted = managementDefinitionIn(file);
  const place = { schemaVersion: SCHEMA_VERSION, connection: "files", database: "" };
  const own = { version: 0, definition: wanted, retain: false };
  const actual = actualManagement(catalog, {
    ...place,
    ...own,
    ...(role === undefined ? {} : { applicationRole: role }),
  });
  const told = (kind: string, summary: string): Difference => ({ kind, severity: "warning", object, summary });
  if (actual === undefined) return told("MANAGEMENT_MISSING", "the management schema is missing");
  if (actual.definition === "unknown") return told("MANAGEMENT_UNKNOWN", "nothing says what the schema was made from");
  const altered = /^altered: (.*)$/s.exec(actual.definition)?.[1];
  if (altered !== undefined) return told("MANAGEMENT_CHANGED", altered);
  if (actual.definition !== wanted) return told("MANAGEMENT_OTHER", "the management schema was made from another text");
  if (actual.applicationRole !== role) return told("MANAGEMENT_RIGHTS", "the application role may not use the schema");
  return undefined;
}

/** What the file records the management schema to be made from. Throws CdcError (CDC_MIGRATION_UNREADABLE). */
export function managementDefinitionIn({ path, body }: MigrationFile): string {
  const found = /^UPDATE cdc_management\.component_version SET definition = '([0-9a-f]{64})'/m.exec(body)?.[1];
  if (found === undefined) throw unreadable(path, "it doesn't say what it makes");
  return found;
}
