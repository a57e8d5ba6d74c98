import type { CapturedDatabase, CapturedTable, CaptureSink } from "./source-capture";
import type { SnapshotMode } from "./topology";

/** Which of two snapshot modes holds when two services want the same table otherwise: the one that loses nothing. */
const CAREFUL: readonly SnapshotMode[] = ["never", "initial", "when_needed"];

/** Each database once, with what all of them want of it: customers and services may share one, and its tables. */
export function mergeCaptures(databases: readonly CapturedDatabase[]): CapturedDatabase[] {
  const merged = new Map<string, CapturedDatabase>();
  for (const database of databases) {
    const key = JSON.stringify([database.environment, database.server, database.database]);
    const before = merged.get(key);
    merged.set(key, before === undefined ? database : both(before, database));
  }
  return [...merged.values()];
}

function both(one: CapturedDatabase, other: CapturedDatabase): CapturedDatabase {
  const tables = new Map<string, CapturedTable>();
  for (const table of [...one.tables, ...other.tables]) {
    const key = JSON.stringify([table.schema, table.table]);
    const before = tables.get(key);
    tables.set(key, before === undefined ? table : bothTables(before, table));
  }
  const sinks = new Map<string, CaptureSink>();
  for (const sink of [...one.sinks, ...other.sinks]) sinks.set(JSON.stringify([sink.name, sink.database]), sink);
  const tenants = [...new Set([...one.tenants, ...other.tenants])];
  return { ...one, tenants, tables: [...tables.values()], sinks: [...sinks.values()] };
}

function bothTables(one: CapturedTable, other: CapturedTable): CapturedTable {
  const careful = CAREFUL.indexOf(one.snapshot) < CAREFUL.indexOf(other.snapshot) ? other : one;
  const columns = [...new Set([...one.columns, ...other.columns])].sort();
  return { ...one, columns, snapshot: careful.snapshot };
}
