import type { Column } from "../model/column";
import { kafkaName, type NameParts } from "../model/kafka-names";
import type { Mapping } from "../model/mapping";
import type { PipelineModel, Sink, SinkTable } from "../model/sink";

/** A captured table of one source, as pipeline documents see it. */
export interface SourceTable {
  readonly schema: string;
  readonly table: string;
  readonly topic: string;
  /** The columns that a sink wants, by name. */
  readonly columns: readonly SourceColumn[];
  /** Names of the columns that tell its rows apart. */
  readonly key: readonly string[];
  /** Sink tables that it feeds. */
  readonly feeds: number;
  /** Mappings that run before Kafka. */
  readonly mappings: readonly PlacedMapping[];
}

/** A column of the source that a sink wants. */
export interface SourceColumn {
  readonly name: string;
  /** SQL Server type as the schema YAML has it. */
  readonly type: string;
}

/** One source database: what one source document reads. */
export interface SourceUnit {
  readonly service: string;
  readonly environment: string;
  /** Customer in db-per-tenant, else the source's name. */
  readonly customer: string;
  readonly database?: string;
  /** What every topic starts with. */
  readonly topicPrefix: string;
  readonly tables: readonly SourceTable[];
}

/** A topic and the sink tables that its events go to. */
export interface Route {
  readonly topic: string;
  readonly source: SourceTable;
  readonly tables: readonly SinkTable[];
}

/** What one sink document writes: a customer's tables, or all of a sink. */
export interface SinkUnit {
  readonly service: string;
  readonly environment: string;
  readonly sink: string;
  readonly database: string;
  /** In db-per-tenant. */
  readonly customer?: string;
  readonly consumerGroup: string;
  readonly deadLetterTopic: string;
  readonly routes: readonly Route[];
}

/** A mapping with what it needs to know of its table. */
export interface PlacedMapping extends Mapping {
  /** Source column that the output is, when it is one. */
  readonly outputSource?: string;
  /** Sink columns that only mappings fill. */
  readonly computed: readonly string[];
  /** What tells rows apart, as a mapping's rows name it: source columns, and computed ones of the key. */
  readonly identity: readonly string[];
}

/** The sources of a model whose tables some sink wants. */
export function sourceUnits(model: PipelineModel): SourceUnit[] {
  const { service, environment, kafka } = model;
  return kafka.sources.flatMap(({ name, database }) => {
    const tables = sourceTables(model, name);
    if (tables.length === 0) return [];
    const topicPrefix = kafkaName(kafka.topic.replace(/\.\{schema\}\.\{table\}$/, ""), partsOf(model, name));
    const unit = { service, environment, customer: name, topicPrefix, tables };
    return [database === undefined ? unit : { ...unit, database }];
  });
}

/** The sink documents of a model: one per sink, in db-per-tenant one per sink and customer. */
export function sinkUnits(model: PipelineModel): SinkUnit[] {
  return model.sinks.flatMap((sink) =>
    model.kafka.sources.flatMap(({ name }) => {
      const unit = sinkUnit(model, sink, name);
      return unit.routes.length === 0 ? [] : [unit];
    }),
  );
}

/** A table's mappings of one stage. */
export function mappingsOf(table: SinkTable, stage: Mapping["stage"]): PlacedMapping[] {
  const { mappings = [], columns, key } = table;
  const computed = columns.filter(isComputed).map(({ name }) => name);
  const identity = columns
    .filter((column) => key.includes(column.name) && (column.source !== undefined || isComputed(column)))
    .map(({ source, name }) => source ?? name);
  return mappings
    .filter((mapping) => mapping.stage === stage)
    .map((mapping) => {
      const source = columns.find(({ name }) => name === mapping.output)?.source;
      return { ...mapping, computed, identity, ...(source === undefined ? {} : { outputSource: source }) };
    });
}

/** Whether only a mapping (or the column's DEFAULT) fills a column. */
export function isComputed({ origin, source, constant, constants }: Column): boolean {
  return origin === "template" && source === undefined && constant === undefined && constants === undefined;
}

/** Sink columns that a document brings values for: those of the source, and what mappings fill. */
export function sentColumns(table: SinkTable): Column[] {
  const filled = new Set((table.mappings ?? []).map(({ output }) => output));
  const multiplied = (table.mappings ?? []).some(({ kind }) => kind === "row_multiplier");
  return table.columns.filter(
    (column) =>
      column.source !== undefined ||
      (isComputed(column) && (filled.has(column.name) || (multiplied && column.default === undefined))),
  );
}

function sinkUnit(model: PipelineModel, sink: Sink, customer: string): SinkUnit {
  const { service, environment, pattern, kafka } = model;
  const consumerGroup = kafkaName(kafka.consumerGroup, { ...partsOf(model, customer), sink: sink.name });
  const tables = tablesOf(sink, customer);
  const routes = sourceTables(model, customer).flatMap((source) => {
    const fed = tables.filter((table) => isFrom(table, source));
    return fed.length === 0 ? [] : [{ topic: source.topic, source, tables: fed }];
  });
  return {
    service,
    environment,
    sink: sink.name,
    database: sink.database,
    ...(pattern === "db-per-tenant" ? { customer } : {}),
    consumerGroup,
    deadLetterTopic: `${consumerGroup.slice(0, 236)}.dead_letters`,
    routes,
  };
}

function sourceTables(model: PipelineModel, customer: string): SourceTable[] {
  const found = new Map<string, SinkTable[]>();
  for (const sink of model.sinks) {
    for (const table of tablesOf(sink, customer)) {
      const place = JSON.stringify([table.source.schema, table.source.table]);
      found.set(place, [...(found.get(place) ?? []), table]);
    }
  }
  return [...found.values()].map((tables) => sourceTable(model, customer, tables));
}

function sourceTable(model: PipelineModel, customer: string, tables: readonly SinkTable[]): SourceTable {
  const [first] = tables;
  const { schema, table } = first?.source ?? { schema: "", table: "" };
  const columns = new Map<string, SourceColumn>();
  for (const { source: name, sourceType: type = "" } of tables.flatMap((one) => one.columns))
    if (name !== undefined) columns.set(name, { name, type });
  const key = (first?.key ?? []).flatMap((name) => first?.columns.find((column) => column.name === name)?.source ?? []);
  const topic = kafkaName(model.kafka.topic, { ...partsOf(model, customer), schema, table });
  const mappings = tables.flatMap((one) => mappingsOf(one, "source"));
  return { schema, table, topic, columns: [...columns.values()], key, feeds: tables.length, mappings };
}

/** A customer's own tables, and those that all share. */
function tablesOf(sink: Sink, customer: string): SinkTable[] {
  return sink.tables.filter(({ tenant }) => tenant === undefined || tenant === customer);
}

function isFrom({ source }: SinkTable, { schema, table }: SourceTable): boolean {
  return source.schema === schema && source.table === table;
}

function partsOf({ service, environment, kafka }: PipelineModel, customer: string): Partial<NameParts> {
  return { env: environment, group: kafka.group, service, customer };
}
