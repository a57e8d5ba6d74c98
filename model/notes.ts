import type { Note, PipelineModel, SinkTable } from "./sink";

/** All notes of a model: its own, those of its tables, and what each column can lose; what customers have in common once. */
export function everyNote(model: PipelineModel): Note[] {
  const tables = model.sinks.flatMap((sink) => sink.tables);
  const notes = [...model.notes, ...tables.flatMap((table) => [...table.notes, ...losses(table)])];
  return [...new Map(notes.map((note) => [JSON.stringify(note), note])).values()];
}

/** What a deployment prints of {@link everyNote}: warnings first, so that the limit cuts what matters least. */
export function toldNotes(models: readonly PipelineModel[], limit = 50): { told: readonly Note[]; left: number } {
  const all = models.flatMap(everyNote);
  const notes = [...new Map(all.map((note) => [JSON.stringify(note), note])).values()];
  const ranked = [...notes.filter(isWarning), ...notes.filter((note) => !isWarning(note))];
  return { told: ranked.slice(0, limit), left: Math.max(0, ranked.length - limit) };
}

function isWarning({ severity }: Note): boolean {
  return severity === "warning";
}

function losses({ source, columns }: SinkTable): Note[] {
  return columns.flatMap(({ source: name, lossy }) => {
    if (name === undefined || lossy === undefined) return [];
    return [{ severity: "info", object: `${source.schema}.${source.table}.${name}`, text: lossy }];
  });
}
