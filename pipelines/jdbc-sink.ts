import type { PipelineDocument } from "./document";
import { pathPart } from "../lib/path-part";
import { variablePrefix } from "./names";
import type { Templates } from "./template";
import type { SinkUnit } from "./units";

/** The JDBC sink of Kafka Connect: topics as they are into `cdc_management.kafka_inbox`, which stages them. */
export function jdbcSink(unit: SinkUnit, templates: Templates): PipelineDocument {
  const { service, environment, sink, database, customer, routes } = unit;
  const prefix = variablePrefix("PG", environment);
  const address = `\${env:${prefix}_HOST}:\${env:${prefix}_PORT}/${encodeURIComponent(database)}`;
  const view = {
    name: JSON.stringify(`${unit.consumerGroup}.jdbc`),
    topics: JSON.stringify(routes.map(({ topic }) => topic).join(",")),
    url: JSON.stringify(`jdbc:postgresql://${address}?reWriteBatchedInserts=true&ApplicationName=cdc`),
    user: JSON.stringify(`\${env:${prefix}_USER}`),
    password: JSON.stringify(`\${env:${prefix}_PASSWORD}`),
    has_customer: customer !== undefined,
    customer: JSON.stringify(customer ?? ""),
    dead_letter_topic: JSON.stringify(unit.deadLetterTopic),
  };
  const folder = `${environment}/${pathPart(service)}/sinks/${pathPart(sink)}`;
  const path = customer === undefined ? `${folder}.jdbc.json` : `${folder}/${pathPart(customer)}.jdbc.json`;
  return { path, kind: "jdbc-sink", text: templates.render(service, "jdbc-sink.json", view) };
}
