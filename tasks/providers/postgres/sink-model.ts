import { CdcError } from "../../../lib/errors";
import { buildPipeline } from "../../../model/build-pipeline";
import type { CatalogTable } from "../../../model/catalog-table";
import type { Config, SinkTableConfig, SourceTableConfig } from "../../../model/config";
import { within, type Place } from "../../../model/problem";
import type { Sink } from "../../../model/sink";
import { parseTableName } from "../../../model/table-name";
import { NO_MAPPING } from "../../../model/type-mapping";
import type { SourceTableDescription } from "../../lifecycle/contribution";
import type { PostgresOutputConfig } from "./config";

/** A table of the source that its database could be asked about. */
export interface KnownTable extends SourceTableDescription {
  readonly definition: CatalogTable;
}

/** Whose tables, and where they go. */
export interface SinkPlace {
  readonly task: string;
  readonly environment: string;
  /** The sink's. */
  readonly database: string;
}

/**
 * The sink's tables as `cdc up` would make them of these source tables: one schema for each of the source's.
 * @throws CdcError `CDC_SINK_TABLE` with everything that keeps them from being made.
 */
export function sinkModel(config: PostgresOutputConfig, tables: readonly KnownTable[], place: SinkPlace): Sink {
  const at: Place = { file: `task ${place.task}`, path: [] };
  const keys = keysOf(config, tables);
  const keyless = tables.filter((table) => table.definition.primaryKey.length === 0 && !keys.has(table));
  if (keyless.length > 0) throw withoutKey(keyless);
  const { model, problems } = buildPipeline(asConfig(config, tables, keys, place, at));
  const [sink] = model.sinks;
  if (problems.length > 0 || sink === undefined) {
    throw new CdcError("CDC_SINK_TABLE", problems.map(({ text }) => text).join("; "), {
      hint: "Choose other `columns` of the input's tables, other `keys`, or another `schema` of the output.",
    });
  }
  return sink;
}

function asConfig(
  { schema, on_delete: onDelete = "hard" }: PostgresOutputConfig,
  tables: readonly KnownTable[],
  keys: ReadonlyMap<KnownTable, readonly string[]>,
  { task, environment, database }: SinkPlace,
  at: Place,
): Config {
  const source = { database: tables[0]?.database ?? "", values: {}, at };
  const sink = {
    name: "output",
    database,
    manage: { database: false, role: false, grants: false },
    onDelete,
    stagingLogged: false,
    tables: tables.map((table) => sinkTable(table, schema ?? table.schema, at)),
    at,
  };
  return {
    environment,
    strict: false,
    group: {
      name: task,
      pattern: "db-shared",
      sources: [{ name: task, environments: { [environment]: source }, at }],
      at,
    },
    service: {
      name: task,
      sourceTables: tables.map((table) => sourceTable(table, keys.get(table), at)),
      unread: [],
      sinks: [sink],
      at,
    },
    templates: {},
    mapping: NO_MAPPING,
  };
}

function sourceTable({ definition }: KnownTable, key: readonly string[] | undefined, at: Place): SourceTableConfig {
  const { schema, table, primaryKey } = definition;
  const columns = definition.columns.map((column) => ({ ...column, primaryKey: primaryKey.includes(column.name) }));
  const own = within(at, `${schema}.${table}`);
  return {
    schema,
    table,
    primaryKey: key ?? primaryKey,
    ignoreColumns: [],
    definition: { schema, table, columns, at: own },
    at: own,
  };
}

function sinkTable({ schema: from, table }: KnownTable, schema: string, at: Place): SinkTableConfig {
  const key = `${schema}.${table}`;
  const source = { schema: from, table };
  return {
    key,
    schema,
    table,
    from: source,
    targetExists: false,
    columns: {},
    templates: [],
    transforms: [],
    at: within(at, key),
  };
}

/** The keys that the output's configuration chooses. */
function keysOf(
  { keys = {} }: PostgresOutputConfig,
  tables: readonly KnownTable[],
): ReadonlyMap<KnownTable, readonly string[]> {
  return new Map(
    Object.entries(keys).map(([name, key]) => {
      const wanted = parseTableName(name);
      const [found, other] = tables.filter(
        ({ schema, table }) => isSame(table, wanted.table) && isSame(schema, wanted.schema ?? schema),
      );
      if (found !== undefined && other === undefined) return [found, key] as const;
      throw new CdcError(
        "CDC_SINK_TABLE",
        `keys: ${name} is ${found === undefined ? "no table" : "several tables"} of the input`,
        {
          hint: `The input has ${tables.map(({ schema, table }) => `${schema}.${table}`).join(", ")}.`,
        },
      );
    }),
  );
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function withoutKey(tables: readonly KnownTable[]): CdcError {
  const names = tables.map(({ schema, table }) => `${schema}.${table}`);
  const [first] = tables;
  const [unique = ["<column>"]] = first?.definition.uniqueIndexes ?? [];
  return new CdcError("CDC_SINK_TABLE", `without a primary key: ${names.join(", ")}`, {
    hint: `Choose columns that tell rows apart, in the output's config: keys: { ${names[0] ?? ""}: [${unique.join(", ")}] }.`,
  });
}
