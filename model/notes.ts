import type { Note, PipelineModel, SinkTable } from "./sink";

/** All notes of a model: its own, those of its tables, and what each column can lose; what customers have in common once. */
export function everyNote(model: PipelineModel): Note[] {
  const tables = model.sinks.flatMap((sink) => sink.tables);
  const notes = [...model.notes, ...tables.flatMap((table) => [...table.notes, ...losses(table)])];
  return [...new Map(notes.map((note) => [JSON.stringify(note), note])).values()];
}

function losses({ source, columns }: SinkTable): Note[] {
  return columns.flatMap(({ source: name, lossy }) => {
    if (name === undefined || lossy === undefined) return [];
    return [{ severity: "info", object: `${source.schema}.${source.table}.${name}`, text: lossy }];
  });
}
