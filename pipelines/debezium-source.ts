import type { PipelineDocument } from "./document";
import { pathPart } from "../lib/path-part";
import { variablePrefix } from "./names";
import type { Templates } from "./template";
import type { SourceTable, SourceUnit } from "./units";

/** The Debezium connector of a source database, for Kafka Connect's REST API. */
export function debeziumSource(unit: SourceUnit, templates: Templates): PipelineDocument {
  const { service, environment, customer, database, topicPrefix, tables } = unit;
  const prefix = variablePrefix("MSSQL", environment);
  const routes = topicRoutes(unit);
  const view = {
    name: json(topicPrefix),
    topic_prefix: json(topicPrefix),
    database: database === undefined ? json(`\${env:${prefix}_DATABASE}`) : json(database),
    hostname: json(`\${env:${prefix}_HOST}`),
    port: json(`\${env:${prefix}_PORT}`),
    user: json(`\${env:${prefix}_USER}`),
    password: json(`\${env:${prefix}_PASSWORD}`),
    tables: json(tables.map(qualified).join(",")),
    columns: json(tables.map(columnsOf).join(",")),
    keys: json(tables.map((table) => `${qualified(table)}:${table.key.join(",")}`).join(";")),
    history_topic: json(`${topicPrefix}.schema-history`),
    signal_topic: json(`${topicPrefix}.signals`),
    signal_table: json(`${database ?? `\${env:${prefix}_DATABASE}`}.dbo.debezium_signal`),
    transforms: json(routes.map((_route, index) => `route${String(index)}`).join(",")),
    routes: routes
      .map(({ from, to }, index) => {
        const name = `transforms.route${String(index)}`;
        const type = "org.apache.kafka.connect.transforms.RegexRouter";
        return [`"${name}.type": "${type}"`, `"${name}.regex": ${json(from)}`, `"${name}.replacement": ${json(to)}`]
          .map((line) => `    ${line}`)
          .join(",\n");
      })
      .join(",\n"),
  };
  const path = `${environment}/${pathPart(service)}/sources/${pathPart(customer)}.debezium.json`;
  return { path, kind: "debezium-source", text: templates.render(service, "debezium-source.json", view) };
}

/** Debezium names topics prefix.database.schema.table; ours lack the database, and keep what it writes as `_` apart. */
function topicRoutes({ topicPrefix, database, tables }: SourceUnit): { readonly from: string; readonly to: string }[] {
  const start = `${escaped(topicPrefix)}\\.`;
  const between = database === undefined ? "[^.]+" : escaped(sanitized(database));
  const general = { from: `^${start}${between}\\.(.+)$`, to: `${topicPrefix}.$1` };
  const special = tables.flatMap(({ schema, table, topic }) => {
    const theirs = `${topicPrefix}.${sanitized(`${schema}.${table}`)}`;
    return theirs === topic ? [] : [{ from: `^${escaped(theirs)}$`, to: topic }];
  });
  return [general, ...special];
}

function columnsOf(table: SourceTable): string {
  return `${qualified(table)}\\.(${table.columns.map(({ name }) => escaped(name)).join("|")})`;
}

// Debezium reads these lists as regular expressions, separated by commas.
function qualified({ schema, table }: SourceTable): string {
  return `${escaped(schema)}\\.${escaped(table)}`;
}

function escaped(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|,;:-]/g, "\\$&");
}

function sanitized(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/g, "_");
}

function json(text: string): string {
  return JSON.stringify(text);
}
