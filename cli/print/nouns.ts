import type { EngineEvent } from "../../engine/stack";

/** A finished step of a run. */
export type ResourceEvent = Extract<EngineEvent, { kind: "resource" }>;

const NOUNS: Readonly<Record<string, string>> = {
  SinkSchema: "schema",
  CdcManagement: "management schema",
  SinkTable: "table",
  StagingTable: "staging table",
  MergeProcedure: "merge procedure",
  SourceDatabaseCdc: "captured database",
  SourceTableCdc: "captured table",
};

/** Name of what a resource is, such as `staging table`; undefined for what only groups others. */
export function nounOf(type: string): string | undefined {
  if (type.startsWith("pulumi:") || type.startsWith("cdc:")) return undefined;
  const word = type.split(":").at(-1) ?? type;
  return NOUNS[word] ?? word;
}

/** `3 tables`, `1 table`, `2 merge procedures`, `2 management schemas`. */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${count === 1 ? noun : `${noun}s`}`;
}

/** What the database calls it, such as `avansas.Actor`; the resource's name when it has no place there. */
export function objectOf(event: ResourceEvent): string {
  const properties = event.newProperties ?? event.oldProperties ?? {};
  const { database, schema, name } = properties;
  const own = properties["procedure"] ?? properties["staging"] ?? properties["table"];
  if (event.type.endsWith(":CdcManagement")) return "cdc_management";
  // One table in the databases of many customers.
  if (event.type.endsWith(":SourceTableCdc")) return [database, schema, own].map(String).join(".");
  if (typeof schema === "string" && typeof own === "string") return `${schema}.${own}`;
  return typeof name === "string" ? name : event.name;
}
