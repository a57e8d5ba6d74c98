import { CdcError } from "../../lib/errors";
import { mergeProcedureProps, sinkTableProps, stagingTableProps } from "../../sql/plans/from-model";
import type { MergeProcedureProps, SinkTableProps, StagingTableProps } from "../../sql/plans/props";
import { SCHEMA_PLACEHOLDER } from "../migration-set";
import { protect } from "../substitute";
import type { GatheredTable } from "./gathered";

/** The properties that the planners take, with marks where values vary. */
export interface TemplateTable {
  readonly table: SinkTableProps;
  readonly staging: StagingTableProps;
  readonly procedure: MergeProcedureProps;
}

const MARKED = /\uE000([^\uE001]*)\uE001/g;
/** As templates/postgres/merge/body.sql begins. */
const SHAPE_HASH = /^-- shape ([0-9a-f]{64}), batch \d+$/m;
const NOWHERE = { connection: "", database: "" };

/** What stands in properties for the schema of a file that many schemas share. */
export const MARKED_SCHEMA = marked("SCHEMA");

/** The properties of a table's resources with marks for the placeholders. */
export function templateTable(gathered: GatheredTable): TemplateTable {
  const { instances, schema, applicationRole, placeholders } = gathered;
  const model = instances[0]?.table;
  if (model === undefined) throw new RangeError(`no instance of table ${gathered.name}`);
  const settings = { ...NOWHERE, ...(applicationRole === undefined ? {} : { applicationRole }) };
  const named = { ...model, schema: markedSchema(schema) };
  const procedure = mergeProcedureProps(
    {
      ...named,
      source: { database: marked(placeholders.database), schema: model.source.schema, table: model.source.table },
      ...(model.tenant === undefined || schema !== SCHEMA_PLACEHOLDER ? {} : { tenant: marked("TENANT") }),
      ...(model.tenants === undefined ? {} : { tenants: standIn(placeholders.tenants) }),
    },
    settings,
  );
  return {
    table: sinkTableProps(named, settings),
    staging: stagingTableProps(named, settings),
    procedure: { ...procedure, ...markedConstants(procedure, gathered) },
  };
}

/** The schema as properties have it. */
export function markedSchema(schema: string): string {
  return schema === SCHEMA_PLACEHOLDER ? MARKED_SCHEMA : schema;
}

/** Rendered text as a file has it: marks become placeholders, and nothing of the user's looks like one. */
export function withPlaceholders(text: string): string {
  const found = protect(text).replace(MARKED, "{{$1}}");
  if (!/[\uE000\uE001]/.test(found)) return found;
  throw new CdcError("CDC_NAME_UNUSABLE", "a name or a value holds the character U+E000 or U+E001", {
    hint: "These private characters mark placeholders in generated files: choose another name.",
  });
}

/** The same for a text with a merge procedure, which names the hash of its shape. */
export function withShapeHash(text: string): string {
  const hash = SHAPE_HASH.exec(text)?.[1];
  return withPlaceholders(hash === undefined ? text : text.replaceAll(hash, marked("SHAPE_HASH")));
}

function markedConstants(
  { constants = {}, tenantConstants = {} }: MergeProcedureProps,
  { placeholders }: GatheredTable,
): Pick<MergeProcedureProps, "constants" | "tenantConstants"> {
  const own = Object.entries(constants).map(([column, value]) => {
    const name = Object.hasOwn(placeholders.values, column) ? placeholders.values[column] : undefined;
    return [column, name === undefined ? value : marked(name)] as const;
  });
  const varying = Object.keys(tenantConstants).map(
    (column) => [column, standIn(placeholders.valuesByTenant[column] ?? column)] as const,
  );
  return {
    ...(own.length === 0 ? {} : { constants: Object.fromEntries(own) }),
    ...(varying.length === 0 ? {} : { tenantConstants: Object.fromEntries(varying) }),
  };
}

function marked(name: string): string {
  return `\uE000${name}\uE001`;
}

/** A mark in the place of a whole record, which only its JSON ever shows. */
function standIn(name: string): Record<string, string | null> {
  return marked(name) as unknown as Record<string, string | null>;
}
