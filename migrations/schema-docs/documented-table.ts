import type { Column, ColumnOrigin } from "../../model/column";
import type { Note, OnDelete, PipelineModel, Sink, SinkTable } from "../../model/sink";

/** A sink table as documentation tells it: one for all customers whose tables are equal. */
export interface DocumentedTable {
  readonly service: string;
  /** Key of the sink in the configuration, such as `main.directory`. */
  readonly sink: string;
  readonly name: string;
  /** Sink schemas that have it, in the order of the model. */
  readonly schemas: readonly string[];
  /** It is the table of each customer, in a schema of its own. */
  readonly perCustomer: boolean;
  readonly source: { readonly schema: string; readonly table: string };
  readonly staging: string;
  readonly procedure: string;
  readonly key: readonly string[];
  readonly onDelete: OnDelete;
  readonly targetExists: boolean;
  readonly stagingLogged: boolean;
  readonly transforms: readonly string[];
  readonly columns: readonly DocumentedColumn[];
  readonly description?: string;
  /** What building it had to say. */
  readonly notes: readonly Note[];
}

/** A column of a {@link DocumentedTable}. */
export interface DocumentedColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly origin: ColumnOrigin;
  /** Place in the key, from 1. */
  readonly key?: number;
  readonly source?: string;
  readonly sourceType?: string;
  /** How values can lose something. */
  readonly lossy?: string;
  readonly default?: string;
  /** Fixed value, the same for every customer; null is NULL. */
  readonly constant?: string | null;
  /** Fixed value by customer, where they differ. */
  readonly constants?: Readonly<Record<string, string | null>>;
  readonly description?: string;
}

/** The tables of a model by sink, those that differ between customers by nothing but values told once. */
export function documentedTables(model: PipelineModel): DocumentedTable[] {
  return model.sinks.flatMap((sink) => alike(sink).map((tables) => documented(model.service, sink, tables)));
}

/** Groups of tables that are one table for the reader. */
function alike(sink: Sink): SinkTable[][] {
  const groups = new Map<string, SinkTable[]>();
  for (const table of sink.tables) {
    const key = likeness(table);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [table]);
    else group.push(table);
  }
  return [...groups.values()];
}

/** Everything that readers see of a table, apart from what customers have of their own. */
function likeness(table: SinkTable): string {
  const { schema, tenant, source, columns, notes: _notes, ...rest } = table;
  const place = tenant === undefined ? schema : null;
  const plain = tenant === undefined ? columns : columns.map(({ constant: _value, ...column }) => column);
  return JSON.stringify([place, source.schema, source.table, rest, plain]);
}

function documented(service: string, sink: Sink, tables: readonly SinkTable[]): DocumentedTable {
  const [first] = tables as readonly [SinkTable];
  const { name, staging, procedure, key, onDelete, targetExists, stagingLogged, transforms, description } = first;
  return {
    service,
    sink: sink.name,
    name,
    schemas: tables.map(({ schema }) => schema),
    perCustomer: first.tenant !== undefined,
    source: { schema: first.source.schema, table: first.source.table },
    ...{ staging, procedure, key, onDelete, targetExists, stagingLogged, transforms },
    notes: first.notes,
    columns: first.columns.map((column, index) => documentedColumn(column, index, tables)),
    ...(description === undefined ? {} : { description }),
  };
}

function documentedColumn(column: Column, index: number, tables: readonly SinkTable[]): DocumentedColumn {
  const [first] = tables as readonly [SinkTable];
  const { constant: _constant, constants: _constants, ...rest } = column;
  const place = first.key.indexOf(column.name) + 1;
  return { ...rest, ...(place === 0 ? {} : { key: place }), ...fixedValue(column, index, tables) };
}

function fixedValue(
  column: Column,
  index: number,
  tables: readonly SinkTable[],
): Pick<DocumentedColumn, "constant" | "constants"> {
  if (column.constants !== undefined) return { constants: column.constants };
  if (column.constant === undefined) return {};
  const values = tables.map(({ tenant, schema, columns }) => [tenant ?? schema, columns[index]?.constant ?? null]);
  const differs = values.some(([, value]) => value !== column.constant);
  return differs
    ? { constants: Object.fromEntries(values) as Record<string, string | null> }
    : { constant: column.constant };
}
