import fc from "fast-check";
import type { Envelope, EnvelopeMetadata, EnvelopeRow } from "../../model/envelope";
import { OPERATION_CODE, packPosition, type Position } from "../../model/position";

/** A row of the source: its key within the history, and values that are null or text. */
export interface SourceRow {
  readonly k: number;
  readonly a: string | null;
  readonly b: string | null;
  readonly n: string | null;
}

/** One wish; what it does depends on the rows that are there, so every list of wishes is a possible history. */
export interface Wish {
  readonly kind: "write" | "delete" | "move";
  readonly k: number;
  /** New key of a move. When there is a row already, the two swap keys in one command. */
  readonly to: number;
  readonly values: Omit<SourceRow, "k">;
  /** Columns that an update leaves alone; they are then missing in its event when `sparse`. */
  readonly keep: { readonly a: boolean; readonly b: boolean; readonly n: boolean };
  readonly sparse: boolean;
  /** Tells the row before, also where the key stays. */
  readonly before: boolean;
  /** The command starts a new transaction. */
  readonly commit: boolean;
}

/** A history as the source lived it. */
export interface History {
  /** Change events in the order of their positions. */
  readonly events: readonly { readonly envelope: Envelope; readonly position: Position }[];
  /** The rows at its end. */
  readonly rows: ReadonlyMap<number, SourceRow>;
}

const VALUE_NAMES = ["a", "b", "n"] as const;
const KEYS = 4;

const text = fc.option(fc.constantFrom("x", "y", "", "tab\there", "\\N", "æøå", "line\nbreak"), { freq: 5 });
const values = fc.record({
  a: text,
  b: text,
  n: fc.option(fc.constantFrom("0.00", "-1.50", "999999.99"), { freq: 5 }),
});

/** Wishes for one history. */
export const wishes: fc.Arbitrary<Wish[]> = fc.array(
  fc.record<Wish>({
    kind: fc.constantFrom("write", "write", "write", "delete", "move"),
    k: fc.nat(KEYS - 1),
    to: fc.nat(KEYS - 1),
    values,
    keep: fc.record({ a: fc.boolean(), b: fc.boolean(), n: fc.boolean() }),
    sparse: fc.boolean(),
    before: fc.boolean(),
    commit: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

/**
 * Lives the wishes through.
 * @param number Which history it is: the column `h`, part of every key, so that histories do not meet.
 */
export function live(number: number, list: readonly Wish[]): History {
  const source = new Source(number);
  for (const wish of list) source.fulfil(wish);
  return { events: source.events, rows: source.rows };
}

class Source {
  readonly rows = new Map<number, SourceRow>();
  readonly events: { envelope: Envelope; position: Position }[] = [];
  private transaction = 1;
  private command = 0;
  private rowOfCommand = 0;

  constructor(private readonly number: number) {}

  fulfil(wish: Wish): void {
    if (wish.commit) {
      this.transaction += 1;
      this.command = 0;
    }
    this.command += 1;
    this.rowOfCommand = 0;
    const row = this.rows.get(wish.k);
    if (wish.kind === "write") this.write(wish, row);
    else if (row !== undefined && wish.kind === "delete") this.remove(row, wish);
    else if (row !== undefined && wish.to !== wish.k) this.move(row, wish);
  }

  private write(wish: Wish, row: SourceRow | undefined): void {
    if (row === undefined) {
      const inserted = { k: wish.k, ...wish.values };
      this.rows.set(wish.k, inserted);
      this.emit("Insert", this.full(inserted));
    } else this.update(row, updated(row, wish), wish);
  }

  private remove(row: SourceRow, wish: Wish): void {
    this.rows.delete(row.k);
    if (wish.before) this.emit("Delete", {}, this.full(row));
    else this.emit("Delete", wish.sparse ? { h: this.number, k: row.k } : this.full(row));
  }

  private move(row: SourceRow, wish: Wish): void {
    const other = this.rows.get(wish.to);
    this.rows.delete(row.k);
    this.rows.delete(wish.to);
    if (other !== undefined) this.update(other, { ...other, k: row.k }, wish);
    this.update(row, { ...updated(row, wish), k: wish.to }, wish);
  }

  private update(old: SourceRow, row: SourceRow, wish: Wish): void {
    this.rows.set(row.k, row);
    const kept = (name: string): boolean =>
      wish.sparse && VALUE_NAMES.some((value) => value === name && old[value] === row[value]);
    const data = Object.fromEntries(Object.entries(this.full(row)).filter(([name]) => !kept(name)));
    this.emit("Update", data, wish.before || old.k !== row.k ? this.full(old) : undefined);
  }

  private full(row: SourceRow): Record<string, string | number | null> {
    return { h: this.number, k: String(row.k), a: row.a, b: row.b, n: row.n };
  }

  private emit(OperationType: EnvelopeMetadata["OperationType"], data: EnvelopeRow, Before?: EnvelopeRow): void {
    this.rowOfCommand += 1;
    const lsn = hex(this.transaction);
    const seqval = hex(this.rowOfCommand);
    const code = {
      Insert: OPERATION_CODE.insert,
      Update: OPERATION_CODE.update,
      Delete: OPERATION_CODE.delete,
      Read: 0,
    }[OperationType];
    const position = packPosition({ lsn, commandId: this.command, seqval, operation: code });
    const place = { LSN: lsn, CommandId: this.command, SeqVal: seqval };
    const metadata = {
      TableName: "T",
      Schema: "dbo",
      OperationType,
      ...place,
      ...(Before === undefined ? {} : { Before }),
    };
    this.events.push({ envelope: { data, metadata }, position });
  }
}

function updated(row: SourceRow, { values: wanted, keep }: Wish): SourceRow {
  return { k: row.k, a: keep.a ? row.a : wanted.a, b: keep.b ? row.b : wanted.b, n: keep.n ? row.n : wanted.n };
}

function hex(value: number): string {
  return value.toString(16).padStart(20, "0");
}
