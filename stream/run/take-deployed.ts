import type { TableShape } from "../../model/table-shape";
import type { SourceState } from "./source-state";
import { readSourceState, type StoredSource, type StoredTable } from "./state-store";
import { inTransaction, writeState } from "./write-window";

/**
 * Takes the tables that are deployed now. One that was dropped and made again begins anew: nothing of what is known is
 * true of it. One that was away goes on where it was. Nothing may be under way to the sink.
 */
export async function takeDeployed(state: SourceState, shapes: readonly TableShape[]): Promise<void> {
  const before = new Set(state.tables.values());
  state.takeShapes(shapes);
  const now = new Set(state.tables.values());
  for (const table of before) if (!now.has(table)) await table.endSnapshot();
  const stored = await inTransaction(state, (client) => readSourceState(client, state.place));
  for (const table of now) {
    const known = stored.tables.get(table.name);
    if (before.has(table) && (!table.isKnown || known !== undefined)) continue;
    await table.endSnapshot();
    table.load(known);
  }
  await keepPlaces(state, stored);
}

/** Gives tables that aren't deployed now a place of their own: from here on the source moves without them. */
export async function keepPlaces(state: SourceState, stored: StoredSource): Promise<void> {
  const { position, tables } = state;
  const away = [...stored.tables].filter(([name, table]) => !tables.has(name) && movesWithSource(table));
  if (position === undefined || away.length === 0) return;
  const changes = away.map(([, { schema, table }]) => ({ schema, table, state: "catching_up", position }) as const);
  await writeState(state, undefined, changes);
}

function movesWithSource({ state, position }: StoredTable): boolean {
  return position === undefined && (state === "streaming" || state === "snapshot");
}
