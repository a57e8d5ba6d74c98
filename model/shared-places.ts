import type { Note, PipelineModel } from "./sink";

/**
 * Warns of tables that two sinks, of one service or of two, put into the same schema of databases with the same
 * name. It is a mistake when both are on one server; only the connections, which no model knows, tell.
 */
export function sharedPlaces(models: readonly PipelineModel[]): Note[] {
  const owners = new Map<string, string>();
  const notes: Note[] = [];
  for (const { service, sinks } of models) {
    for (const sink of sinks) {
      const owner = `sink ${sink.name} of service ${service}`;
      const shared = sink.tables.find((table) => (owners.get(placeOf(sink.database, table)) ?? owner) !== owner);
      for (const table of sink.tables)
        owners.set(placeOf(sink.database, table), owners.get(placeOf(sink.database, table)) ?? owner);
      if (shared === undefined) continue;
      const other = owners.get(placeOf(sink.database, shared)) ?? owner;
      const object = `${sink.database}.${shared.schema}.${shared.name}`;
      notes.push({
        severity: "warning",
        object,
        text: `${other} and ${owner} both make it: they must not be on one server`,
      });
    }
  }
  return notes;
}

function placeOf(database: string, table: { readonly schema: string; readonly name: string }): string {
  return `${database}\0${table.schema}\0${table.name}`;
}
