import type { Column } from "../../model/column";
import { GROUP_TEMPLATES, TOPIC_TEMPLATES } from "../../model/kafka-names";
import { METADATA_COLUMNS } from "../../model/metadata-columns";
import type { PipelineModel, Sink, SinkTable } from "../../model/sink";

/** A column of the model with what a test needs to say. */
export function column(name: string, type: string, more: Partial<Column> = {}): Column {
  return { name, type, nullable: true, origin: "source", source: name, sourceType: "int", ...more };
}

/** A table of the model; key `Id` and a few columns of common types when nothing else is given. */
export function sinkTable(schema: string, name: string, more: Partial<SinkTable> = {}): SinkTable {
  const columns = more.columns ?? [
    column("Id", "bigint", { nullable: false }),
    column("Name", "varchar(50)"),
    column("Amount", "numeric(8,2)"),
  ];
  const own = columns.filter(({ origin }) => origin !== "metadata");
  return {
    schema,
    name,
    staging: `stg_${name}`,
    procedure: `sp_merge_${name}`,
    source: { schema: "dbo", table: name },
    key: ["Id"],
    targetExists: false,
    onDelete: "hard",
    stagingLogged: false,
    transforms: [],
    notes: [],
    ...more,
    columns: [...own, ...METADATA_COLUMNS],
  };
}

/** A sink that holds these tables. */
export function sink(tables: readonly SinkTable[], more: Partial<Sink> = {}): Sink {
  const schemas = [...new Set(tables.map(({ schema }) => schema))].map((name) => ({ name }));
  const manage = { database: false, role: false, grants: false };
  return { name: "main.test", database: "test", manage, schemas, tables, ...more };
}

/** The desired state of one service with one sink. */
export function pipelineModel(tables: readonly SinkTable[], more: Partial<Sink> = {}): PipelineModel {
  const customers = [...new Set(tables.flatMap(({ tenant }) => (tenant === undefined ? [] : [tenant])))];
  const pattern = "db-per-tenant";
  const names = { topic: TOPIC_TEMPLATES[pattern], consumerGroup: GROUP_TEMPLATES[pattern] };
  const kafka = { group: "group", sources: customers.map((name) => ({ name })), ...names };
  return { service: "test", environment: "dev", pattern, kafka, sinks: [sink(tables, more)], capture: [], notes: [] };
}
