import { CdcError } from "../../../lib/errors";
import { buildPipeline } from "../../../model/build-pipeline";
import type { Config, SinkTableConfig, SourceTableConfig } from "../../../model/config";
import { within, type Place } from "../../../model/problem";
import { readHints, type WrittenHints } from "../../../model/read-hints";
import type { Sink } from "../../../model/sink";
import { NO_MAPPING } from "../../../model/type-mapping";
import { byTable, type KnownTable } from "./by-table";
import type { PostgresOutputConfig } from "./config";

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
  const keys = byTable("keys", config.keys, tables, config.schema);
  const hints = byTable("manual_migration_hints", config.manual_migration_hints, tables, config.schema);
  const keyless = tables.filter((table) => table.definition.primaryKey.length === 0 && !keys.has(table));
  if (keyless.length > 0) throw withoutKey(keyless);
  const { model, problems } = buildPipeline(asConfig(config, tables, { keys, hints }, place, at));
  const [sink] = model.sinks;
  if (problems.length > 0 || sink === undefined) {
    throw new CdcError("CDC_SINK_TABLE", problems.map(({ text }) => text).join("; "), {
      hint: "Choose other `columns` of the input's tables, other `keys`, or another `schema` of the output.",
    });
  }
  return sink;
}

interface OfTables {
  readonly keys: ReadonlyMap<KnownTable, readonly string[]>;
  readonly hints: ReadonlyMap<KnownTable, WrittenHints>;
}

function asConfig(
  { schema, on_delete: onDelete = "hard" }: PostgresOutputConfig,
  tables: readonly KnownTable[],
  { keys, hints }: OfTables,
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
    tables: tables.map((table) => sinkTable(table, schema ?? table.schema, hints.get(table), at)),
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

function sinkTable(
  { schema: from, table }: KnownTable,
  schema: string,
  hints: WrittenHints | undefined,
  at: Place,
): SinkTableConfig {
  const key = `${schema}.${table}`;
  const own = within(at, key);
  return {
    key,
    schema,
    table,
    from: { schema: from, table },
    targetExists: false,
    columns: {},
    templates: [],
    transforms: [],
    at: own,
    ...(hints === undefined ? {} : { hints: readHints(hints, own) }),
  };
}

function withoutKey(tables: readonly KnownTable[]): CdcError {
  const names = tables.map(({ schema, table }) => `${schema}.${table}`);
  const [first] = tables;
  const [unique = ["<column>"]] = first?.definition.uniqueIndexes ?? [];
  return new CdcError("CDC_SINK_TABLE", `without a primary key: ${names.join(", ")}`, {
    hint: `Choose columns that tell rows apart, in the output's config: keys: { ${names[0] ?? ""}: [${unique.join(", ")}] }.`,
  });
}
