import { CdcError } from "../lib/errors";
import type { PipelineModel, SinkTable } from "../model/sink";
import { connectSink } from "./connect-sink";
import { connectSource } from "./connect-source";
import { debeziumSource } from "./debezium-source";
import type { PipelineDocument } from "./document";
import { jdbcSink } from "./jdbc-sink";
import { Templates } from "./template";
import { sinkUnits, sourceUnits, type SinkUnit, type SourceUnit } from "./units";

/**
 * All documents of the models: the same bytes for the same models and templates.
 * @param directory Folder of the configuration, whose own templates win.
 * @throws CdcError `CDC_TOPIC_COLLISION`, `CDC_MAPPING_MISSING`, `CDC_MAPPING_STAGE`, `CDC_TEMPLATE`.
 */
export function pipelineDocuments(models: readonly PipelineModel[], directory: string): PipelineDocument[] {
  const templates = new Templates(directory);
  const sources = models.flatMap(sourceUnits);
  checkMappings(models);
  checkStages(sources);
  checkTopics(sources);
  const documents = [
    ...sources.flatMap((unit) => [connectSource(unit, templates), debeziumSource(unit, templates)]),
    ...models.flatMap(sinkUnits).flatMap((unit) => [
      connectSink(unit, templates),
      // What mappings make of a row, Kafka Connect can't.
      ...(hasMappings(unit) ? [] : [jdbcSink(unit, templates)]),
    ]),
  ];
  return documents.sort((one, other) => (one.path < other.path ? -1 : 1));
}

function hasMappings({ routes }: SinkUnit): boolean {
  return routes.some(({ tables }) => tables.some(({ mappings }) => mappings !== undefined));
}

/** Kafka takes no two topics that differ only in `.` and `_`; and two tables in one topic can't be told apart. */
function checkTopics(sources: readonly SourceUnit[]): void {
  const owners = new Map<string, string>();
  for (const unit of sources) {
    for (const { topic, schema, table } of unit.tables) {
      const owner = `${unit.service} ${unit.customer} ${schema}.${table} (${unit.environment})`;
      const same = topic.replaceAll(".", "_");
      const other = owners.get(same);
      if (other !== undefined) throw collision(topic, owner, other);
      owners.set(same, owner);
    }
  }
}

function collision(topic: string, one: string, other: string): CdcError {
  return new CdcError("CDC_TOPIC_COLLISION", `topic ${topic} of ${one} is the same to Kafka as that of ${other}`, {
    hint: "Give one of the services another template with pipelines.topic: in its YAML.",
  });
}

function checkMappings(models: readonly PipelineModel[]): void {
  const tables = models.flatMap((model) => model.sinks.flatMap((sink) => sink.tables));
  for (const table of tables) {
    const missing = table.mappings?.find(({ text }) => text === undefined);
    if (missing !== undefined) throw mappingMissing(table, missing.name);
  }
}

/** Before Kafka a row is one row for all tables that it feeds. */
function checkStages(sources: readonly SourceUnit[]): void {
  const tables = sources.flatMap((unit) => unit.tables);
  const found = tables.find(({ feeds, mappings }) => feeds > 1 && mappings.length > 0);
  if (found === undefined) return;
  const { schema, table, feeds, mappings } = found;
  throw new CdcError(
    "CDC_MAPPING_STAGE",
    `${schema}.${table} feeds ${String(feeds)} sink tables: transform ${mappings[0]?.name ?? ""} cannot run before Kafka for one of them`,
    { hint: "Take execution_stage: source away, so that it runs in the sink document." },
  );
}

function mappingMissing({ schema, name }: SinkTable, mapping: string): CdcError {
  return new CdcError("CDC_MAPPING_MISSING", `table ${schema}.${name}: there is no file for its transform ${mapping}`, {
    hint: "Put it into services/_bloblang/<name>.blobl, or take the transform out of the service's YAML.",
  });
}
