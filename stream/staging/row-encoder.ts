import type { Envelope, EnvelopeRow } from "../../model/envelope";
import { oldKeyPosition, type Position } from "../../model/position";
import type { TableShape } from "../../model/table-shape";
import { COPY_NULL } from "../encode/codec";
import { encodeValue } from "../encode/encode-value";
import { Rejection } from "../rejection";
import { stagedColumns, type StagedColumn } from "./columns";
import { MetadataEncoder } from "./metadata-encoder";

const ABSENT: EnvelopeRow = {};

/** Turns the events of one table into lines of COPY text for its staging table. */
export class RowEncoder {
  /** Columns of the COPY, in the order of the values. */
  readonly columns: readonly string[];
  private readonly staged: readonly StagedColumn[];
  private readonly keys: readonly StagedColumn[];
  private readonly metadata: MetadataEncoder;

  /** @param origin Written into `__source` of every row: the pipeline's name. */
  constructor(shape: TableShape, origin: string) {
    this.staged = stagedColumns(shape);
    this.keys = this.staged.filter((column) => column.isKey);
    this.metadata = new MetadataEncoder(shape, origin);
    this.columns = [...this.staged.map((column) => column.name), ...this.metadata.columns];
  }

  /**
   * The event's lines, joined by a newline, without one at the end: one line, or two for an update that changed the
   * key (delete of the old key, then all columns under the new one).
   */
  encode(event: Envelope, position: Position): string | Rejection {
    const { OperationType: operation, Before: before } = event.metadata;
    if (operation === "Delete") return this.keyLine(event, event.data, before ?? ABSENT, position);
    if (operation !== "Update") return this.fullLine(event, position);
    if (before === undefined) return this.updateLine(event, event.data, ABSENT, position);
    return this.updateWithBefore(event, before, position);
  }

  private updateWithBefore(event: Envelope, before: EnvelopeRow, position: Position): string | Rejection {
    const changed = this.keyChanged(event.data, before);
    if (changed instanceof Rejection) return changed;
    if (!changed) return this.updateLine(event, event.data, before, position);
    const removal = this.keyLine(event, before, event.data, oldKeyPosition(position));
    if (removal instanceof Rejection) return removal;
    // Under its new key the row is new to the sink: what the event lacks can only come from the image before.
    const upsert = this.updateLine(event, { ...before, ...event.data }, ABSENT, position);
    return upsert instanceof Rejection ? upsert : `${removal}\n${upsert}`;
  }

  /** Insert and read: the whole row is known, so an absent column is NULL. */
  private fullLine(event: Envelope, position: Position): string | Rejection {
    const { data } = event;
    let line = "";
    for (const column of this.staged) {
      const text = column.constant ?? this.required(column, valueOf(data, column.source));
      if (text instanceof Rejection) return text;
      line += `${text}\t`;
    }
    return this.finished(line, event, position, event.metadata.OperationType, COPY_NULL);
  }

  /** Update: an absent column is unchanged; an absent key column is taken from the image before. */
  private updateLine(event: Envelope, data: EnvelopeRow, before: EnvelopeRow, position: Position): string | Rejection {
    let line = "";
    let unchanged: string | undefined;
    for (const column of this.staged) {
      const text = column.constant ?? this.updated(column, data, before);
      if (text instanceof Rejection) return text;
      if (text === undefined)
        unchanged = unchanged === undefined ? column.arrayItem : `${unchanged},${column.arrayItem}`;
      line += `${text ?? COPY_NULL}\t`;
    }
    const list = unchanged === undefined ? COPY_NULL : `{${unchanged}}`;
    return this.finished(line, event, position, "Update", list);
  }

  private updated(column: StagedColumn, data: EnvelopeRow, before: EnvelopeRow): string | Rejection | undefined {
    const value = valueOf(data, column.source);
    if (value !== undefined) return this.required(column, value);
    return column.isKey ? this.required(column, valueOf(before, column.source)) : undefined;
  }

  /** Delete: only the key counts; it is in the first row, or in the second. */
  private keyLine(event: Envelope, row: EnvelopeRow, other: EnvelopeRow, position: Position): string | Rejection {
    let line = "";
    for (const column of this.staged) {
      const text = column.isKey ? this.keyText(column, row, other) : (column.constant ?? COPY_NULL);
      if (text instanceof Rejection) return text;
      line += `${text}\t`;
    }
    return this.finished(line, event, position, "Delete", COPY_NULL);
  }

  private keyText(column: StagedColumn, row: EnvelopeRow, other: EnvelopeRow): string | Rejection {
    if (column.constant !== undefined) return column.constant;
    const own = valueOf(row, column.source);
    return this.required(column, own ?? valueOf(other, column.source) ?? own);
  }

  private required(column: StagedColumn, value: unknown): string | Rejection {
    if (typeof value === "string") {
      const text = column.codec.encode(value);
      if (text !== undefined) return text;
    }
    if (value === null || value === undefined) return column.mayBeNull ? COPY_NULL : nullRejection(column, value);
    const text = encodeValue(column.codec, value);
    return text instanceof Rejection ? new Rejection(`column "${column.name}": ${text.reason}`) : text;
  }

  private keyChanged(data: EnvelopeRow, before: EnvelopeRow): boolean | Rejection {
    let changed = false;
    for (const column of this.keys) {
      if (column.constant !== undefined) continue;
      const oldValue = valueOf(before, column.source);
      const newValue = valueOf(data, column.source);
      if (oldValue === undefined || newValue === undefined || oldValue === newValue) continue;
      const oldText = this.required(column, oldValue);
      const newText = this.required(column, newValue);
      if (oldText instanceof Rejection) return oldText;
      if (newText instanceof Rejection) return newText;
      changed ||= !sameText(column, oldText, newText);
    }
    return changed;
  }

  private finished(
    line: string,
    event: Envelope,
    position: Position,
    operation: string,
    unchanged: string,
  ): string | Rejection {
    const tail = this.metadata.encode(event.metadata, position, operation, unchanged);
    return tail instanceof Rejection ? tail : line + tail;
  }
}

function valueOf(row: EnvelopeRow, name: string): unknown {
  const value: unknown = row[name];
  // Names such as "constructor" are found on every object; the rows' own values are scalars or JSON.
  if ((typeof value === "object" && value !== null) || typeof value === "function") {
    return Object.hasOwn(row, name) ? value : undefined;
  }
  return value;
}

function nullRejection(column: StagedColumn, value: null | undefined): Rejection {
  const what = column.isKey ? "key column" : "column";
  return new Rejection(`${what} "${column.name}" is ${value === null ? "NULL" : "absent"}, which it cannot be`);
}

function sameText(column: StagedColumn, a: string, b: string): boolean {
  const { canonical } = column.codec;
  return a === b || (canonical !== undefined && canonical(a) === canonical(b));
}
