import type { Config, SinkTableConfig, SourceEntry } from "./config";
import type { Findings } from "./findings";
import { schemaFault, sinkName } from "./identifier";
import { nearestWord } from "./nearest-word";
import type { SinkSchema } from "./sink";

/** A schema that a sink table goes into, with the source that its rows come from. */
export interface Placement {
  readonly schema: SinkSchema;
  /** The customer or service; absent when rows of several customers come together in one table. */
  readonly source?: SourceEntry;
  /** The key names the schema itself, so every customer of the group writes into it. */
  readonly shared: boolean;
}

/** The sources of the chosen environment, in the order of the file. Finds the wrong environment. */
export function activeSources(config: Config, findings: Findings): SourceEntry[] {
  const { environment, group, service } = config;
  const sources =
    group.pattern === "db-shared" ? group.sources.filter(({ name }) => name === service.name) : group.sources;
  if (sources.length === 0) {
    const what = group.pattern === "db-shared" ? `no source ${service.name}` : "no sources";
    const near = nearestWord(
      service.name,
      group.sources.map(({ name }) => name),
    );
    findings.problem(
      group.at,
      `source group ${group.name} has ${what}`,
      near === undefined ? "add it under sources:" : `did you mean "${near}"?`,
    );
    return [];
  }
  const active = sources.filter((source) => Object.hasOwn(source.environments, environment));
  if (active.length === 0) wrongEnvironment(config, sources, findings);
  return active;
}

function wrongEnvironment({ environment, group }: Config, sources: readonly SourceEntry[], findings: Findings): void {
  const known = [...new Set(sources.flatMap((source) => Object.keys(source.environments)))];
  const near = nearestWord(environment, known);
  const hint = near === undefined ? `it has ${known.join(", ")}` : `did you mean "${near}"?`;
  findings.problem(group.at, `no source of group ${group.name} has an environment ${environment}`, hint);
}

/**
 * Where a sink table goes. In db-per-tenant `{{SCHEMA}}`, no schema, and the name of the service or group stand
 * for each customer's schema; a customer's name for that customer alone; any other name for one shared schema.
 * In db-shared `{{SCHEMA}}` and no schema stand for the service.
 */
export function placements(config: Config, table: SinkTableConfig, sources: readonly SourceEntry[]): Placement[] {
  const { group, service } = config;
  const written = table.schema;
  const generic = written === undefined || written === "{{SCHEMA}}";
  if (group.pattern === "db-shared") return inService(config, generic ? service.name : written, sources[0]);
  const customer = group.sources.find(({ name }) => name === written);
  if (customer !== undefined) return sources.includes(customer) ? [ofCustomer(customer)] : [];
  if (generic || written === service.name || written === group.name) return sources.map(ofCustomer);
  return [{ schema: { name: sinkName(written) }, shared: true }];
}

function inService({ service }: Config, name: string, source: SourceEntry | undefined): Placement[] {
  const placement = { schema: { name: sinkName(name) }, shared: name !== service.name };
  return [source === undefined ? placement : { ...placement, source }];
}

function ofCustomer(source: SourceEntry): Placement {
  return { schema: { name: sinkName(source.name), tenant: source.name }, source, shared: false };
}

/** Finds schema names that PostgreSQL or we keep. */
export function checkSchemas(placed: readonly Placement[], table: SinkTableConfig, findings: Findings): void {
  for (const { schema, source } of placed) {
    const fault = schemaFault(source === undefined || schema.tenant === undefined ? schema.name : source.name);
    const at = schema.tenant === undefined || source === undefined ? table.at : source.at;
    if (fault !== undefined)
      findings.problem(at, `schema ${JSON.stringify(schema.name)} ${fault}`, "choose another name");
  }
}
