import type { Position } from "../../model/position";
import type { TableShape } from "../../model/table-shape";
import type { EventEncoder } from "../staging/event-encoder";
import type { DeadEvent } from "./dead-event";

/** An event that goes into several tables. */
export interface SharedDelivery {
  /** Tables that do not have it yet. */
  left: number;
}

/** Events of one table that are written in one transaction. */
export class Batch {
  /** COPY text of each event: one line, or two joined by a newline. */
  readonly rows: string[] = [];
  /** The events as they came, one JSON text each. */
  readonly raws: string[] = [];
  readonly positions: Position[] = [];
  readonly dead: DeadEvent[] = [];
  /** Of the events, those that go into other tables as well. */
  readonly shared: SharedDelivery[] = [];
  /** Size of the rows and their originals in characters. */
  size = 0;
  /** Events delivered, dead ones included. */
  events = 0;
  private highestPosition: Position | undefined;

  constructor(
    readonly shape: TableShape,
    readonly encoder: EventEncoder,
  ) {}

  /** Highest position of all its events; undefined while there is none. */
  get highest(): Position | undefined {
    return this.highestPosition;
  }

  /** Call once, when the batch is written: how many events have now reached all their tables. */
  finishedEvents(): number {
    for (const delivery of this.shared) delivery.left -= 1;
    return this.events - this.shared.filter(({ left }) => left > 0).length;
  }

  add(row: string, raw: string, position: Position): void {
    this.rows.push(row);
    this.raws.push(raw);
    this.positions.push(position);
    this.delivered(position, row.length + raw.length);
  }

  /** An event that cannot be staged. */
  addDead(event: DeadEvent, position: Position): void {
    this.dead.push(event);
    this.delivered(position, event.payload.length);
  }

  /** Moves an event that the server refused to the dead ones. */
  kill(index: number, dead: (raw: string, position: Position) => DeadEvent): void {
    this.rows.splice(index, 1);
    const [raw = ""] = this.raws.splice(index, 1);
    const [position] = this.positions.splice(index, 1);
    if (position !== undefined) this.dead.push(dead(raw, position));
  }

  private delivered(position: Position, size: number): void {
    this.events += 1;
    this.size += size;
    if (this.highestPosition === undefined || position > this.highestPosition) this.highestPosition = position;
  }
}
