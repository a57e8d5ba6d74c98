import { parseSourceType } from "../model/source-type";
import { isLarge } from "./large-types";
import type { SinkTable } from "../model/sink";
import { indented, objectLines, pathStep, quoted } from "./bloblang";
import type { PipelineDocument } from "./document";
import { listsByKey, mappingSteps, switchCases } from "./mapping-steps";
import { pathPart } from "../lib/path-part";
import { scalar, variablePrefix } from "./names";
import type { Templates } from "./template";
import { mappingsOf, sentColumns, type Route, type SinkUnit } from "./units";

/** The sink document of Redpanda Connect and Bento: topics into staging tables, through one function and one pool. */
export function connectSink(unit: SinkUnit, templates: Templates): PipelineDocument {
  const { service, environment, sink, database, customer, routes } = unit;
  const prefix = variablePrefix("PG", environment);
  const steps = tableSteps(routes);
  const view = {
    service,
    environment,
    sink,
    customer: customer ?? "all customers",
    database,
    consumer_group: scalar(unit.consumerGroup),
    dead_letter_topic: scalar(unit.deadLetterTopic),
    topics: routes.map(({ topic }) => scalar(topic)),
    dsn: dsn(prefix, database),
    variables: ["HOST", "PORT", "USER", "PASSWORD", "SSLMODE"].map((name) => `${prefix}_${name}`).join(", "),
    route: indented(routeMapping(unit), 12),
    tables: indented(tablesMapping(unit), 16),
    has_mappings: steps !== "",
    mappings: indented(steps, 8),
  };
  const folder = `${environment}/${pathPart(service)}/sinks/${pathPart(sink)}`;
  const path = customer === undefined ? `${folder}.yaml` : `${folder}/${pathPart(customer)}.yaml`;
  return { path, kind: "connect-sink", text: templates.render(service, "connect-sink.yaml", view) };
}

/** The key of a sink table in the document's own objects. */
export function tableKey({ schema, name }: SinkTable): string {
  return `${schema.replaceAll("%", "%25").replaceAll(".", "%2E")}.${name}`;
}

function dsn(prefix: string, database: string): string {
  const user = `\${${prefix}_USER}:\${${prefix}_PASSWORD}`;
  const options = `sslmode=\${${prefix}_SSLMODE:require}&application_name=cdc`;
  return `"postgres://${user}@\${${prefix}_HOST}:\${${prefix}_PORT:5432}/${encodeURIComponent(database)}?${options}"`;
}

function routeMapping(unit: SinkUnit): string {
  const { routes, customer } = unit;
  const targets = routes.map(({ topic, tables }) => [topic, tables.map((table) => pathStep(tableKey(table)))] as const);
  return `map row {
  root = this.row.map_each(column -> match {
    column.value == null && this.unknown.contains(column.key) => deleted(),
    column.value == "__debezium_unavailable_value" => deleted(),
    column.value.type() == "number" => column.value.string(),
    column.value.type() == "string" && this.clocks.contains(column.key) => column.value.trim_suffix("Z"),
    _ => column.value
  })
}
# Of a large value that an update leaves alone the change tables know nothing: it is NULL on both sides.
map debezium {
  let before = this.event.before.or({})
  let unknown = if this.event.op == "u" { this.large.filter(name -> $before.get(name.replace_all("~", "~0").replace_all(".", "~1")) == null) } else { [] }
  root.data = {"row": this.event.after.or({}), "clocks": this.clocks, "unknown": $unknown}.apply("row")
  root.metadata.TableName = this.event.source.table
  root.metadata.Schema = this.event.source.schema
  root.metadata.Database = this.event.source.db
  root.metadata.OperationType = {"c": "Insert", "u": "Update", "d": "Delete", "r": "Read"}.get(this.event.op)
  root.metadata.LSN = this.event.source.commit_lsn
  root.metadata.SeqVal = if this.event.op == "r" || this.event.source.change_lsn == null { deleted() } else { this.event.source.change_lsn }
  root.metadata.Before = if this.event.before == null { deleted() } else { {"row": this.event.before, "clocks": this.clocks, "unknown": this.large}.apply("row") }
  root.source_ts_ms = this.event.source.ts_ms
}
let clocks = ${listsByKey(columnsOf(unit, isClock))}
let large = ${listsByKey(columnsOf(unit, isLarge))}
let targets = ${listsByKey(targets)}
let topic = metadata("kafka_topic").string().replace_all("~", "~0").replace_all(".", "~1")
let value = if this.exists("payload.source") { this.payload } else { this }
let event = if $value.exists("op") && $value.exists("source") {
  {"event": $value, "clocks": $clocks.get($topic).or([]), "large": $large.get($topic).or([])}.apply("debezium")
} else {
  $value
}
let kafka = {
  "topic": metadata("kafka_topic").string(),
  "partition": metadata("kafka_partition").string(),
  "offset": metadata("kafka_offset").string(),
  "timestamp": metadata("kafka_timestamp_ms").or(metadata("kafka_timestamp_unix").string() + "000").string(),
  "source_ts_ms": $event.source_ts_ms.or(null)
}
let tables = $targets.get($topic)
root = if $tables == null { throw("no table takes topic " + metadata("kafka_topic").string()) } else {
  $tables.map_each(table -> {"table": table, "event": $event.without("source_ts_ms").assign({"kafka": $kafka${tenantOf(customer)}})})
}`;
}

function tenantOf(customer: string | undefined): string {
  return customer === undefined ? "" : `, "metadata": {"Tenant": $event.metadata.Tenant.or(${quoted(customer)})}`;
}

function tablesMapping({ routes, consumerGroup }: SinkUnit): string {
  const tables = routes.flatMap((route) => route.tables);
  const entries = tables.map((table) => {
    const columns = sentColumns(table).map(({ name, source }) => `${quoted(name)}: ${quoted(source ?? "")}`);
    const { schema, name } = table;
    return [
      tableKey(table),
      `{"schema": ${quoted(schema)}, "table": ${quoted(name)}, "columns": {${columns.join(", ")}}}`,
    ] as const;
  });
  return `# Sink tables with their columns: sink name, source name ("": filled by a mapping).
let tables = ${objectLines(entries)}
let table = $tables.get(metadata("cdc_table").string())
meta cdc_schema = $table.schema
meta cdc_name = $table.table
meta cdc_columns = $table.columns.keys().format_json(no_indent: true).string()
meta cdc_pipeline = ${quoted(consumerGroup)}`;
}

/** Mappings of either stage; those of the source are left out where the source document has run them. */
function tableSteps(routes: readonly Route[]): string {
  const cases = routes.flatMap(({ tables }) =>
    tables.flatMap((table) => {
      const check = `metadata("cdc_table") == ${quoted(pathStep(tableKey(table)))}`;
      const early = mappingSteps(mappingsOf(table, "source"));
      const late = mappingSteps(mappingsOf(table, "sink"));
      return [
        ...(early.length === 0 ? [] : [{ check: `${check} && this.metadata.Mapped != true`, steps: early }]),
        ...(late.length === 0 ? [] : [{ check, steps: late }]),
      ];
    }),
  );
  return cases.map((one) => `- switch:\n${indented(switchCases([one]), 4)}`).join("\n");
}

/** Topics with their columns of some types, those that have any. */
function columnsOf({ routes }: SinkUnit, wanted: (type: string) => boolean): (readonly [string, string[]])[] {
  return routes.flatMap(({ topic, source }) => {
    const names = source.columns.filter(({ type }) => wanted(type)).map(({ name }) => name);
    return names.length === 0 ? [] : [[topic, names] as const];
  });
}

function isClock(type: string): boolean {
  const name = parseSourceType(type)?.name;
  return name === "date" || name === "time";
}
