import { parseSourceType } from "../model/source-type";
import { indented, objectLines, pathStep, quoted } from "./bloblang";
import type { PipelineDocument } from "./document";
import { isLarge } from "./large-types";
import { mappingSteps, switchCases } from "./mapping-steps";
import { pathPart } from "../lib/path-part";
import { scalar, variablePrefix } from "./names";
import type { Templates } from "./template";
import type { SourceTable, SourceUnit } from "./units";

/** How the input's JSON of a column becomes SQL Server's own text. */
type Reading = "base64" | "uniqueidentifier" | "date" | "time" | "plain";

const READINGS: Readonly<Record<string, Reading>> = {
  binary: "base64",
  varbinary: "base64",
  image: "base64",
  rowversion: "base64",
  hierarchyid: "base64",
  geometry: "base64",
  geography: "base64",
  uniqueidentifier: "uniqueidentifier",
  date: "date",
  time: "time",
};

/** The source document of Redpanda Connect: a database's change tables into topics, as our envelopes. Bento lacks its input. */
export function connectSource(unit: SourceUnit, templates: Templates): PipelineDocument {
  const { service, environment, customer, database, tables } = unit;
  const prefix = variablePrefix("MSSQL", environment);
  const steps = sourceSteps(tables);
  const view = {
    service,
    environment,
    customer,
    database: database ?? "the variable's",
    connection_string: connectionString(prefix, database),
    checkpoint_key: scalar(unit.topicPrefix),
    include: tables.map(({ schema, table }) => scalar(`^${pattern(schema)}\\.${pattern(table)}$`)),
    variables: ["HOST", "PORT", "USER", "PASSWORD", "OPTIONS", ...(database === undefined ? ["DATABASE"] : [])]
      .map((name) => `${prefix}_${name}`)
      .join(", "),
    envelope: indented(envelopeMapping(unit), 8),
    has_mappings: steps !== "",
    mappings: indented(steps, 4),
  };
  const path = `${environment}/${pathPart(service)}/sources/${pathPart(customer)}.connect.yaml`;
  return { path, kind: "connect-source", text: templates.render(service, "connect-source.yaml", view) };
}

function connectionString(prefix: string, database: string | undefined): string {
  const name = database === undefined ? `\${${prefix}_DATABASE}` : encodeURIComponent(database);
  const server = `\${${prefix}_USER}:\${${prefix}_PASSWORD}@\${${prefix}_HOST}:\${${prefix}_PORT:1433}`;
  return `"sqlserver://${server}?database=${name}&app+name=cdc&\${${prefix}_OPTIONS:encrypt=true}"`;
}

function envelopeMapping({ tables, database }: SourceUnit): string {
  const entries = tables.map((table) => [`${table.schema}.${table.table}`, tableLiteral(table)] as const);
  const named = database === undefined ? "" : `\nroot.metadata.Database = ${quoted(database)}`;
  return `map value {
  let hex = if this.reading == "uniqueidentifier" && this.value != null { this.value.decode("base64").encode("hex") } else { "" }
  root = match {
    this.value == null => null,
    this.reading == "base64" => "base64:" + this.value,
    this.reading == "uniqueidentifier" => $hex.slice(6, 8) + $hex.slice(4, 6) + $hex.slice(2, 4) + $hex.slice(0, 2) + "-" + $hex.slice(10, 12) + $hex.slice(8, 10) + "-" + $hex.slice(14, 16) + $hex.slice(12, 14) + "-" + $hex.slice(16, 20) + "-" + $hex.slice(20, 32),
    this.reading == "date" => this.value.slice(0, 10),
    this.reading == "time" => this.value.trim_suffix("Z").re_replace_all("^.*T", ""),
    this.value.type() == "number" => this.value.string(),
    _ => this.value
  }
}
# Tables with their columns and how each is read; large: NULL in an update means unchanged; key: what Kafka partitions by.
let tables = ${objectLines(entries)}
let name = metadata("database_schema").or(metadata("schema")).string() + "." + metadata("table").string()
let table = $tables.get($name.replace_all("~", "~0").replace_all(".", "~1"))
let operation = metadata("operation").string()
let row = this
let lsn = metadata("lsn").or("").string()
root.metadata.TableName = $table.table
root.metadata.Schema = $table.schema${named}
root.metadata.OperationType = {"read": "Read", "insert": "Insert", "update_after": "Update", "delete": "Delete"}.get($operation)
root.metadata.LSN = match {
  $operation == "read" || $lsn == "" => "00000000000000000000",
  $lsn.has_prefix("0x") => $lsn,
  _ => $lsn.encode("hex")
}
root.data = $table.columns.map_each(column -> match {
  !$row.exists(column.value.path) => deleted(),
  $operation == "update_after" && column.value.large && $row.get(column.value.path) == null => deleted(),
  _ => {"value": $row.get(column.value.path), "reading": column.value.reading}.apply("value")
})
meta cdc_topic = $table.topic
meta cdc_table = $name
meta cdc_key = $table.key.map_each(path -> $row.get(path)).format_json(no_indent: true).string()`;
}

function tableLiteral({ schema, table, topic, columns, key }: SourceTable): string {
  const parts = columns.map(({ name, type }) => {
    const parsed = parseSourceType(type);
    const reading = READINGS[parsed?.name ?? ""] ?? "plain";
    return `${quoted(name)}: {"path": ${quoted(pathStep(name))}, "reading": "${reading}", "large": ${String(isLarge(type))}}`;
  });
  const keys = key.map((name) => quoted(pathStep(name))).join(", ");
  const place = `"schema": ${quoted(schema)}, "table": ${quoted(table)}, "topic": ${quoted(topic)}`;
  return `{${place}, "key": [${keys}], "columns": {${parts.join(", ")}}}`;
}

/** Mappings before Kafka; what they are done with is marked, so that the sink document leaves it alone. */
function sourceSteps(tables: readonly SourceTable[]): string {
  const cases = tables.flatMap(({ schema, table, mappings }) => {
    if (mappings.length === 0) return [];
    const check = `metadata("cdc_table") == ${quoted(`${schema}.${table}`)}`;
    const mark = "- mapping: |\n    root = this\n    root.metadata.Mapped = true";
    return [{ check, steps: [...mappingSteps(mappings), mark] }];
  });
  return cases.length === 0 ? "" : `- switch:\n${indented(switchCases(cases), 4)}`;
}

function pattern(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
