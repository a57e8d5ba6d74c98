import { buildCapture } from "./build-capture";
import type { Config, SinkConfig, SourceEntry } from "./config";
import { Findings } from "./findings";
import { checkCollisions } from "./name-collisions";
import { GROUP_TEMPLATES, groupTemplateFault, TOPIC_TEMPLATES, topicTemplateFault } from "./kafka-names";
import { within, type Problem } from "./problem";
import type { KafkaSettings, PipelineModel, Sink, SinkSchema } from "./sink";
import { activeSources } from "./sink-schemas";
import { sinkTables, type PlacedTable } from "./sink-tables";
import { objectOf } from "./source-columns";

/** A model and what is wrong with the configuration; with any problem the model is incomplete and must not be used. */
export interface BuiltPipeline {
  readonly model: PipelineModel;
  readonly problems: readonly Problem[];
}

/** The desired state of a service in an environment. Tables of different customers share their columns where these are equal. */
export function buildPipeline(config: Config): BuiltPipeline {
  const findings = new Findings();
  const sources = activeSources(config, findings);
  noteInactive(config, sources, findings);
  noteUnused(config, findings);
  const sinks = config.service.sinks.map((sink) => buildSink(config, sink, sources, findings));
  const { environment, service, group } = config;
  const kafka = kafkaSettings(config, sources, findings);
  const capture = buildCapture(config, sinks, sources, findings);
  const { pattern } = group;
  const model = { service: service.name, environment, pattern, kafka, sinks, capture, notes: findings.notes };
  return { model, problems: findings.problems };
}

function kafkaSettings(config: Config, sources: readonly SourceEntry[], findings: Findings): KafkaSettings {
  const { group, environment, service } = config;
  const { topic = TOPIC_TEMPLATES[group.pattern], consumerGroup = GROUP_TEMPLATES[group.pattern] } =
    service.pipelines ?? {};
  const faults = { topic: topicTemplateFault(topic), consumer_group: groupTemplateFault(consumerGroup) };
  for (const [key, fault] of Object.entries(faults))
    if (fault !== undefined) findings.problem(within(service.at, "pipelines", key), `the template ${fault}`);
  const named = sources.map(({ name, environments }) => {
    const database = environments[environment]?.database;
    return database === undefined ? { name } : { name, database };
  });
  return { group: group.name, sources: named, topic, consumerGroup };
}

function buildSink(config: Config, sink: SinkConfig, sources: readonly SourceEntry[], findings: Findings): Sink {
  const placed = sink.tables.flatMap((entry) => sinkTables(config, sink, entry, sources, findings));
  checkCollisions(placed, findings);
  const { name, database, manage, applicationRole } = sink;
  const role = applicationRole === undefined ? {} : { applicationRole };
  return {
    name,
    database,
    manage,
    ...role,
    schemas: schemasOf(placed, sources),
    tables: placed.map(({ table }) => table),
  };
}

/** Customers in the order of the file, then shared schemas as they come up. */
function schemasOf(placed: readonly PlacedTable[], sources: readonly SourceEntry[]): SinkSchema[] {
  const used = new Map<string, SinkSchema>();
  for (const { placement } of placed) used.set(placement.schema.name, placement.schema);
  const order = new Map(sources.map(({ name }, index) => [name, index]));
  const rank = (schema: SinkSchema) => order.get(schema.tenant ?? "") ?? sources.length;
  return [...used.values()].sort((one, other) => rank(one) - rank(other));
}

function noteInactive({ group, environment }: Config, active: readonly SourceEntry[], findings: Findings): void {
  if (group.pattern !== "db-per-tenant" || active.length === 0) return;
  const left = group.sources.filter((source) => !active.includes(source)).map(({ name }) => name);
  if (left.length > 0) findings.info(group.name, `without environment ${environment}, so left out: ${left.join(", ")}`);
}

function noteUnused({ service }: Config, findings: Findings): void {
  const entries = service.sinks.flatMap((sink) => sink.tables);
  const used = new Set(entries.map(({ from, table }) => from?.table ?? table));
  const unused = service.sourceTables.filter(({ table }) => !used.has(table));
  for (const source of unused) findings.info(objectOf(source), "no sink takes this source table");
}
