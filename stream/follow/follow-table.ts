import { randomBytes } from "node:crypto";
import { laterLsn, NO_LSN, previousLsn, type Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import { mapType } from "../../model/type-mapping";
import type { CaptureInstance } from "../sources/capture-instance";
import { driftOf, type Drift } from "../sources/drift";
import { gapOf } from "../sources/gap";
import { instanceFor, type ChosenInstance } from "../sources/instance-for";
import { planReads, type PlannedReads } from "../sources/planned-reads";
import type { StreamProblem } from "../stream-events";
import type { Captured } from "./captured";
import type { FollowedTable } from "./options";
import type { FollowSnapshot, FollowTableState } from "./state";

const SNAPSHOT_ID_BYTES = 8;

/** Through what a table is read; true while the definitions are the same. */
interface Way extends ChosenInstance {
  readonly ddl: Captured["ddl"];
  readonly drift: Drift;
}

/** A table that is followed, as it is in memory. */
export class FollowTable {
  instance: string | undefined;
  columns: readonly string[] | undefined;
  /** Its own place, while it is behind the source's. */
  position: Lsn | undefined;
  /** Changes at or before it aren't wanted, or come by the snapshot. */
  from: Lsn | undefined;
  snapshot: FollowSnapshot | undefined;
  /** Lines at or before this place were given out: beyond its own place or the source's, within a window. */
  emitted: Buffer | undefined;
  private way: Way | undefined;

  constructor(
    readonly wanted: FollowedTable,
    private readonly database: string,
  ) {}

  /** `schema.table`. */
  get name(): string {
    return `${this.wanted.schema}.${this.wanted.table}`;
  }

  load(state: FollowTableState | undefined): void {
    this.instance = state?.instance;
    this.columns = state?.columns;
    this.position = state?.position;
    this.from = state?.from;
    this.snapshot = state?.snapshot;
    this.emitted = state?.emitted === undefined ? undefined : Buffer.from(state.emitted, "hex");
    this.way = undefined;
  }

  /** What is stored of it behind a position of the source. */
  stateAt(place: Lsn): FollowTableState | undefined {
    const { instance, columns = [], position, from, snapshot } = this;
    const emitted = this.emitted?.toString("hex") ?? "";
    if (instance === undefined) return undefined;
    return {
      instance,
      columns,
      ...(position === undefined ? {} : { position }),
      ...(from === undefined || from <= place ? {} : { from }),
      ...(snapshot === undefined ? {} : { snapshot }),
      // That of a whole transaction is told by the position.
      ...(emitted.slice(0, place.length) <= (position ?? place) ? {} : { emitted }),
    };
  }

  /** Its instances, the older one first. */
  ownOf(captured: Captured): readonly CaptureInstance[] {
    const { schema, table, instance: only } = this.wanted;
    const named = captured.of(schema, table);
    // A table that was renamed goes on by the instance that it was read through.
    const own = named.length > 0 ? named : [captured.named(this.instance)].filter((one) => one !== undefined);
    return only === undefined ? own : own.filter(({ name }) => name === only);
  }

  /** The shape of what is read through an instance. */
  shapeOf(instance: CaptureInstance): TableShape {
    const { schema, table } = this.wanted;
    const names = this.wanted.columns ?? this.columnsOf(instance);
    const columns = names.map((name) => {
      const captured = instance.columns.find((one) => one.sourceName === name || one.name === name);
      // The type as it is now: an envelope has any value as text.
      return { name, source: name, nullable: true, type: mapType(captured?.type ?? "nvarchar(max)").type };
    });
    const source = { database: this.database, schema, table };
    return { version: 1, schema, table, source, columns, ...NO_SINK };
  }

  /** Its reads in (`after`, `end`], or why it can't be read. */
  plan(captured: Captured, after: Lsn, end: Lsn): PlannedReads | StreamProblem {
    const from = this.from === undefined ? after : laterLsn(after, this.from);
    const way = this.wayAt(captured, from);
    if (!("use" in way)) return way;
    if (way.drift.stop !== undefined && way.drift.stop.at === undefined) return way.drift.stop.problem;
    const nextDrift = (later: CaptureInstance, position: Lsn) =>
      driftOf(this.shapeOf(later), later, captured.ddl, position);
    return planReads({ ...way, next: way.next, nextDrift }, from, end);
  }

  /** What looks wrong though it can be read on, in a stable wording. */
  get warnings(): readonly StreamProblem[] {
    return this.way?.drift.warnings ?? [];
  }

  /** Takes note that it is read through an instance from now on. */
  readThrough(instance: CaptureInstance): void {
    this.columns = this.columnsOf(instance);
    this.instance = instance.name;
    this.way = undefined;
  }

  /**
   * Begins with all that its instances have, or with a copy of its rows, which the changes behind `place` follow. Gives
   * where the changes begin; undefined while none of its instances has begun.
   */
  begin(captured: Captured, place: Lsn): Lsn | undefined {
    const [first] = this.ownOf(captured).toSorted((one, other) => (one.startLsn < other.startLsn ? -1 : 1));
    if (first === undefined) return undefined;
    if (this.wanted.snapshot !== "never") return this.copyFrom(first, place);
    this.readThrough(first);
    return (this.from = previousLsn(first.startLsn));
  }

  /** Begins anew, with a copy of its rows, which the changes behind `place` follow. Gives where the changes begin. */
  copyFrom(instance: CaptureInstance, place: Lsn): Lsn {
    this.load(undefined);
    this.readThrough(instance);
    this.snapshot = { id: randomBytes(SNAPSHOT_ID_BYTES).toString("hex"), joinedAt: place };
    return (this.from = laterLsn(place, previousLsn(instance.startLsn)));
  }

  // Those from when it was first read: what the table gained since comes with its next instance.
  private columnsOf(instance: CaptureInstance): readonly string[] {
    if (instance.name === this.instance && this.columns !== undefined) return this.columns;
    return instance.columns.flatMap(({ sourceName }) => sourceName ?? []);
  }

  private wayAt(captured: Captured, position: Lsn): Way | StreamProblem {
    const { way } = this;
    const same = way?.next === undefined && way?.ddl === captured.ddl ? captured.named(way.use.name) : undefined;
    if (way !== undefined && same !== undefined && gapOf(same, position) === undefined) return { ...way, use: same };
    const own = this.ownOf(captured);
    const before = this.instance === undefined ? {} : { instance: this.instance };
    const chosen = instanceFor(this.shapeOf(own.at(-1) ?? NO_INSTANCE), own, position, before);
    if (!("use" in chosen)) return chosen;
    const drift = driftOf(this.shapeOf(chosen.use), chosen.use, captured.ddl, position, chosen.next);
    return (this.way = { ...chosen, ddl: captured.ddl, drift });
  }
}

const NO_SINK = { key: [], onDelete: "hard", transforms: [], staging: "", procedure: "" } as const;
const NO_INSTANCE: CaptureInstance = { name: "", schema: "", table: "", startLsn: NO_LSN, columns: [] };
