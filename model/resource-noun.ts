const NOUNS: Readonly<Record<string, string>> = {
  SinkSchema: "schema",
  CdcManagement: "management schema",
  SinkTable: "table",
  StagingTable: "staging table",
  MergeProcedure: "merge procedure",
  SourceDatabaseCdc: "captured database",
  SourceTableCdc: "captured table",
  EventQueue: "queue",
};

/** What a resource is, such as `staging table`, by the last word of its type. */
export function resourceNoun(word: string): string {
  return NOUNS[word] ?? word;
}

/** What the database calls a resource, such as `avansas.Actor`; undefined when it has no place there. */
export function resourceObject(word: string, properties: Readonly<Record<string, unknown>>): string | undefined {
  const { database, schema, name } = properties;
  const own = properties["procedure"] ?? properties["staging"] ?? properties["table"];
  if (word === "CdcManagement") return "cdc_management";
  // One table in the databases of many customers.
  if (word === "SourceTableCdc" && typeof own === "string") return [database, schema, own].map(String).join(".");
  if (typeof schema === "string" && typeof own === "string") return `${schema}.${own}`;
  return typeof name === "string" ? name : undefined;
}
