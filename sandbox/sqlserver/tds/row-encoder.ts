import type { RowPlan } from "../session";
import { describeType } from "../values/sql-type";
import type { Values } from "../values/value";
import type { ByteWriter } from "./byte-writer";
import { ByteWriter as Writer } from "./byte-writer";
import { TOKEN } from "./tokens";
import { cellWriterOf, type CellWriter } from "./write-value";

/** The bytes of some neighbouring cells, NULLs left out, and which of them are NULL. */
interface Piece {
  readonly key: string;
  readonly bytes: Buffer;
  /** Positions within the segment. */
  readonly nulls: readonly number[];
}

interface EncodedSegment {
  readonly source: number;
  readonly ordinals: readonly number[];
  readonly writers: readonly CellWriter[];
  /** Position of its first column in the row. */
  readonly first: number;
  readonly key: string;
}

/**
 * Pieces by the row that they were made from. A row never changes in place (an update makes a new one), so its
 * bytes don't either: a change table that is read again is copied, not encoded.
 */
const pieces = new WeakMap<Values, Piece>();

/** Writes the rows of one result. */
export class RowEncoder {
  private readonly segments: readonly EncodedSegment[];
  private readonly bitmap: Buffer;
  private readonly scratch = new Writer(512);

  constructor(plan: RowPlan) {
    let first = 0;
    this.segments = plan.segments.map((segment) => {
      const columns = plan.columns.slice(first, first + segment.ordinals.length);
      const writers = columns.map((column) => cellWriterOf(column.type, column.nullable));
      const shape = columns.map(
        (column) => `${describeType(column.type)}${column.nullable ? "?" : ""}${column.type.collation ?? ""}`,
      );
      const encoded = { ...segment, writers, first, key: `${segment.ordinals.join()}|${shape.join()}` };
      first += segment.ordinals.length;
      return encoded;
    });
    this.bitmap = Buffer.alloc(Math.ceil(plan.columns.length / 8));
  }

  /** One ROW, or NBCROW when something in it is NULL. */
  write(w: ByteWriter, sources: readonly Values[], computed: Values): void {
    const found = this.segments.map((segment) => {
      const values = segment.source < 0 ? computed : (sources[segment.source] ?? []);
      return segment.source < 0 ? this.encode(segment, values, false) : this.cached(segment, values);
    });
    if (found.some(({ nulls }) => nulls.length > 0)) this.writeBitmap(w, found);
    else w.u8(TOKEN.row);
    for (const piece of found) w.bytes(piece.bytes);
  }

  private writeBitmap(w: ByteWriter, found: readonly Piece[]): void {
    this.bitmap.fill(0);
    for (const [index, piece] of found.entries()) {
      const first = this.segments[index]?.first ?? 0;
      for (const position of piece.nulls) {
        const bit = first + position;
        this.bitmap[bit >> 3] = (this.bitmap[bit >> 3] ?? 0) | (1 << (bit & 7));
      }
    }
    w.u8(TOKEN.nbcRow).bytes(this.bitmap);
  }

  private cached(segment: EncodedSegment, values: Values): Piece {
    const known = pieces.get(values);
    if (known?.key === segment.key) return known;
    const made = this.encode(segment, values, true);
    pieces.set(values, made);
    return made;
  }

  private encode(segment: EncodedSegment, values: Values, keep: boolean): Piece {
    const nulls: number[] = [];
    // Two computed segments of one row are written before either is copied out.
    const w = keep || this.segments.length === 1 ? this.scratch : new Writer(128);
    w.clear();
    for (const [position, ordinal] of segment.ordinals.entries()) {
      const value = values[ordinal] ?? null;
      if (value === null) nulls.push(position);
      else segment.writers[position]?.(w, value);
    }
    return { key: segment.key, bytes: keep ? Buffer.from(w.view()) : w.view(), nulls };
  }
}
