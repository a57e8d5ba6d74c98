import { laterLsn, previousLsn, type Lsn } from "../../model/lsn";
import { capturedSources } from "../copy/captured-sources";
import type { TableShape } from "../../model/table-shape";
import { refuseTransforms } from "../refuse-transforms";
import type { CaptureInstance, DdlEvent } from "../sources/capture-instance";
import { driftOf } from "../sources/drift";
import { gapOf } from "../sources/gap";
import { instanceFor } from "../sources/instance-for";
import { planReads, type PlannedReads } from "../sources/planned-reads";
import type { StreamProblem } from "../stream-events";
import { CdcError } from "../../lib/errors";
import type { SnapshotProgress } from "./snapshot-context";
import type { TableChange } from "./state-store";
import type { Route, TableRun } from "./table-run";
import type { GuardedInstance, TableRead } from "./window";

/** What a source captures, as a poll told. */
export interface Captured {
  readonly instances: readonly CaptureInstance[];
  readonly ddl: readonly DdlEvent[];
}

/** How far a table can be read in a window, and what comes of it. */
export interface PlannedRead extends Omit<PlannedReads, "reads" | "guarded"> {
  readonly reads: readonly TableRead[];
  readonly guarded: readonly GuardedInstance[];
}

/** How a table is read behind a position, or why it can't be. */
export function routeOf(table: TableRun, { instances, ddl }: Captured, place: Lsn): Route | StreamProblem {
  const { shape, instance } = table;
  const position = readFrom(table, place);
  try {
    refuseTransforms(shape);
  } catch (error) {
    if (error instanceof CdcError) return error;
    throw error;
  }
  const chosen = instanceFor(shape, instances, position, instance === undefined ? {} : { instance });
  if (!("use" in chosen)) return chosen;
  const drift = driftOf(shape, chosen.use, ddl, position, chosen.next);
  if (drift.stop !== undefined && drift.stop.at === undefined) return drift.stop.problem;
  return { shape, ddl, use: chosen.use.name, next: chosen.next, drift };
}

/** True while what was found about a table still holds; a switch to a newer instance is looked at each time. */
export function isCurrent(table: TableRun, { ddl, instances }: Captured, position: Lsn): boolean {
  const { route, shape } = table;
  if (route === undefined || route.ddl !== ddl || route.shape !== shape || route.next !== undefined) return false;
  // Cleanup may have passed the table, also where it left no transaction to be read.
  const use = instances.find(({ name }) => name === route.use);
  return use !== undefined && gapOf(use, readFrom(table, position)) === undefined;
}

/** Reads of a table in (`after`, `end`] on its route. */
export function readsOf(table: TableRun, use: CaptureInstance, captured: Captured, after: Lsn, end: Lsn): PlannedRead {
  const { route } = table;
  if (route === undefined) return { reads: [], guarded: [] };
  const nextDrift = (next: CaptureInstance, position: Lsn) => driftOf(table.shape, next, captured.ddl, position);
  const plan = planReads({ use, next: route.next, drift: route.drift, nextDrift }, readFrom(table, after), end);
  return {
    ...plan,
    reads: plan.reads.map((read) => ({ table, ...read })),
    guarded: plan.guarded.map((guarded) => ({ table, ...guarded })),
  };
}

/** A table begins where its instance did when it joined; what was before comes by its snapshot, or isn't wanted. */
function readFrom({ snapshot }: TableRun, after: Lsn): Lsn {
  return snapshot?.from === undefined ? after : laterLsn(after, previousLsn(snapshot.from));
}

/**
 * What to write when a table is read through an instance that it wasn't read through before, or takes columns that it
 * didn't take: these are copied for the rows there are.
 */
export function adoption(table: TableRun, use: CaptureInstance, position: Lsn): TableChange | undefined {
  const columns = liveColumns(table.shape, use);
  const known = table.columns;
  const added = known === undefined ? [] : columns.filter((name) => !known.includes(name));
  const isSame = known !== undefined && added.length === 0 && known.length === columns.length;
  if (isSame && table.instance === use.name) return undefined;
  const wanted = added.length > 0 && table.mode !== "never" ? columnSnapshot(table, added, position) : undefined;
  const isStreamed = table.isStreamed ? { state: "snapshot" as const } : {};
  return table.change({
    instance: use.name,
    columns,
    ...(wanted === undefined ? {} : { snapshot: wanted, ...isStreamed }),
  });
}

/** Columns of the source that a table takes through an instance. */
export function liveColumns(shape: TableShape, use: CaptureInstance): readonly string[] {
  // One that was dropped has no values any more; made anew, it is copied from a newer instance on.
  const live = capturedSources(shape, use).filter(({ captured }) => captured.sourceName !== undefined);
  return live.map(({ source }) => source);
}

function columnSnapshot({ snapshot }: TableRun, added: readonly string[], position: Lsn): SnapshotProgress {
  const fresh = { rows: 0, deleted: 0 };
  // A copy under way doesn't have the new columns in what it did: it begins anew.
  if (snapshot?.phase === "rows" || snapshot?.phase === "deletes")
    return { ...fresh, joinedAt: snapshot.joinedAt, phase: "rows" };
  const open = snapshot?.phase === "columns" ? (snapshot.columns ?? []) : [];
  return { ...fresh, joinedAt: position, phase: "columns", columns: [...new Set([...open, ...added])] };
}
