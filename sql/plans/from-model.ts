import type { Column } from "../../model/column";
import type { SinkTable } from "../../model/sink";
import type { TableHints } from "../../model/table-hints";
import { columnSpecs } from "./column-spec";
import {
  DEFAULT_BATCH_SIZE,
  SCHEMA_VERSION,
  type MergeProcedureProps,
  type SinkTableProps,
  type StagingTableProps,
} from "./props";

/** What the properties of a table's resources need besides the model. */
export interface PropsSettings {
  readonly connection: string;
  readonly database: string;
  readonly applicationRole?: string;
  /** Destroy may drop the table with its rows. */
  readonly allowDrop?: boolean;
  readonly batchSize?: number;
}

export function sinkTableProps(table: SinkTable, settings: PropsSettings): SinkTableProps {
  const { key, onDelete, targetExists } = table;
  const own = { columns: columnSpecs(table.columns), order: orderOf(table), key, onDelete, targetExists };
  const hints = table.hints === undefined ? {} : { hints: table.hints };
  return { ...common(table, settings), ...own, allowDrop: settings.allowDrop ?? false, ...hints };
}

export function stagingTableProps(table: SinkTable, settings: PropsSettings): StagingTableProps {
  const own = { staging: table.staging, columns: columnSpecs(table.columns), logged: table.stagingLogged };
  return { ...common(table, settings), ...own, ...stagingHints(table.hints ?? {}) };
}

function stagingHints({ renames, using }: TableHints): Pick<StagingTableProps, "hints"> {
  const hints = { ...(renames === undefined ? {} : { renames }), ...(using === undefined ? {} : { using }) };
  return Object.keys(hints).length === 0 ? {} : { hints };
}

export function mergeProcedureProps(table: SinkTable, settings: PropsSettings): MergeProcedureProps {
  const { staging, procedure, key, onDelete, source, tenant, tenants, transforms } = table;
  const columns = table.columns.filter((column) => column.origin !== "metadata");
  return {
    ...common(table, settings),
    staging,
    procedure,
    columns: columnSpecs(table.columns),
    key,
    onDelete,
    source,
    ...(tenant === undefined ? {} : { tenant }),
    ...(tenants === undefined ? {} : { tenants }),
    ...fillings(columns),
    ...(transforms.length === 0 ? {} : { transforms }),
    batchSize: settings.batchSize ?? DEFAULT_BATCH_SIZE,
  };
}

function common(table: SinkTable, settings: PropsSettings) {
  const { connection, database, applicationRole } = settings;
  const role = applicationRole === undefined ? {} : { applicationRole };
  return { schemaVersion: SCHEMA_VERSION, connection, database, schema: table.schema, table: table.name, ...role };
}

function orderOf(table: SinkTable): string[] {
  return table.columns.filter((column) => column.origin !== "metadata").map((column) => column.name);
}

type Fillings = Pick<MergeProcedureProps, "renamed" | "constants" | "tenantConstants" | "defaulted">;

function fillings(columns: readonly Column[]): Fillings {
  const renamed = columns.filter(({ source, name }) => source !== undefined && source !== name);
  const added = columns.filter(({ source }) => source === undefined);
  const constant = added.flatMap(({ name, constant }) => (constant === undefined ? [] : [[name, constant] as const]));
  const varying = added.flatMap(({ name, constants }) => (constants === undefined ? [] : [[name, constants] as const]));
  const filled = new Set([...constant, ...varying].map(([name]) => name));
  const defaulted = added.filter(({ name }) => !filled.has(name));
  return {
    ...(renamed.length === 0 ? {} : { renamed: Object.fromEntries(renamed.map((c) => [c.name, c.source ?? c.name])) }),
    ...(constant.length === 0 ? {} : { constants: Object.fromEntries(constant) }),
    ...(varying.length === 0 ? {} : { tenantConstants: Object.fromEntries(varying) }),
    ...(defaulted.length === 0 ? {} : { defaulted: defaulted.map((c) => c.name) }),
  };
}
