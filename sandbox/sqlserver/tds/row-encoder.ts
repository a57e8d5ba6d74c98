import { ChangeBlock } from "../feed/change-block";
import type { ResultColumn, RowPlan } from "../session";
import type { PackedRows } from "../storage/packed-rows";
import { sharedCellsOf, type SharedCells } from "../values/shared-cells";
import type { Values } from "../values/value";
import { BlockEncoder } from "./block-encoder";
import type { ByteWriter } from "./byte-writer";
import { ByteWriter as Writer } from "./byte-writer";
import { TOKEN } from "./tokens";
import { cellShapes, cellWriterOf, type CellWriter } from "./write-value";

/** The bytes of some neighbouring cells, NULLs left out, and which of them are NULL. */
interface Piece {
  readonly key: string;
  readonly bytes: Buffer;
  /** Positions within the segment. */
  readonly nulls: readonly number[];
}

/** Cells that are written from `ordinals` of a row by `writers`. */
interface Cells {
  readonly ordinals: readonly number[];
  readonly writers: readonly CellWriter[];
  /** What each cell's bytes depend on besides the value. */
  readonly shapes: readonly string[];
  /** The same of all of them, and the ordinals. */
  readonly key: string;
}

interface EncodedSegment extends Cells {
  readonly source: number;
  /** Position of its first column in the row. */
  readonly first: number;
  /** The latest way in which a row shared cells. */
  part: SharedPart | undefined;
}

/** Where the shared cells of a row lie in a segment. */
interface SharedPart {
  /** Position of the first shared cell in the row, and their number: what this was made for. */
  readonly at: number;
  readonly count: number;
  /** Position in the segment; -1 when the segment doesn't have all of them, next to one another in any order. */
  readonly from: number;
  readonly cells: Cells;
}

const PIECE = Symbol("encoded piece");

/**
 * Pieces are kept with the row that they were made from. A row never changes in place (an update makes a new one),
 * so its bytes don't either: a change table that is read again is copied, not encoded.
 */
type Keeper = Values & { [PIECE]?: Piece };

/** Writes the rows of one result. */
export class RowEncoder {
  private readonly segments: readonly EncodedSegment[];
  private readonly bitmap: Buffer;
  private readonly scratch = new Writer(512);
  private blocks: BlockEncoder | undefined;

  constructor(private readonly plan: RowPlan) {
    let first = 0;
    this.segments = plan.segments.map((segment) => {
      const columns = plan.columns.slice(first, first + segment.ordinals.length);
      const encoded = { ...segment, ...cellsOf(segment.ordinals, columns), first, part: undefined };
      first += segment.ordinals.length;
      return encoded;
    });
    this.bitmap = Buffer.alloc(Math.ceil(plan.columns.length / 8));
  }

  /** One ROW, or NBCROW when something in it is NULL. */
  write(w: ByteWriter, sources: readonly Values[], computed: Values): void {
    const [only] = this.segments;
    const values = only && this.segments.length === 1 && only.source >= 0 ? sources[only.source] : undefined;
    const shared = values && sharedCellsOf(values);
    if (only && values && shared) {
      const part = partOf(only, shared);
      if (part.from >= 0) {
        this.writeSharing(w, only, part, values, shared.cells);
        return;
      }
    }
    const found = this.segments.map((segment) => {
      const row = segment.source < 0 ? computed : (sources[segment.source] ?? []);
      return segment.source < 0 ? this.encode(segment, row, false) : this.cached(segment, row);
    });
    this.bitmap.fill(0);
    let any = false;
    for (const [index, piece] of found.entries()) {
      const first = this.segments[index]?.first ?? 0;
      for (const position of piece.nulls) any = this.markNull(first + position);
    }
    this.begin(w, any);
    for (const piece of found) w.bytes(piece.bytes);
  }

  /** Whether {@link writePacked} can write such rows: those of the only source. */
  packs(packed: PackedRows): packed is ChangeBlock {
    if (!(packed instanceof ChangeBlock)) return false;
    if (this.blocks?.maker !== packed.maker) this.blocks = BlockEncoder.of(this.plan, packed);
    return this.blocks !== undefined;
  }

  /** Some neighbouring rows, as {@link write} would write each of them. */
  writePacked(w: ByteWriter, packed: PackedRows, from: number, to: number): void {
    if (!this.packs(packed)) throw new Error("rows that cannot be written packed");
    this.blocks?.write(w, packed, from, to);
  }

  /** A row of which most bytes are kept with the cells that it shares. */
  private writeSharing(w: ByteWriter, segment: EncodedSegment, part: SharedPart, values: Values, cells: Keeper): void {
    const known = cells[PIECE];
    const middle = known?.key === part.cells.key ? known : (cells[PIECE] = this.encode(part.cells, cells, true));
    const { ordinals } = segment;
    const after = part.from + part.count;
    this.bitmap.fill(0);
    let any = false;
    for (const position of middle.nulls) any = this.markNull(part.from + position);
    for (let position = 0; position < ordinals.length; position++) {
      if (position === part.from) position = after;
      const ordinal = ordinals[position];
      if (ordinal !== undefined && (values[ordinal] ?? null) === null) any = this.markNull(position);
    }
    this.begin(w, any);
    writeCells(w, segment, values, 0, part.from, []);
    w.bytes(middle.bytes);
    writeCells(w, segment, values, after, ordinals.length, []);
  }

  private markNull(bit: number): true {
    this.bitmap[bit >> 3] = (this.bitmap[bit >> 3] ?? 0) | (1 << (bit & 7));
    return true;
  }

  private begin(w: ByteWriter, hasNulls: boolean): void {
    if (hasNulls) w.u8(TOKEN.nbcRow).bytes(this.bitmap);
    else w.u8(TOKEN.row);
  }

  private cached(segment: EncodedSegment, values: Keeper): Piece {
    const known = values[PIECE];
    if (known?.key === segment.key) return known;
    const made = this.encode(segment, values, true);
    values[PIECE] = made;
    return made;
  }

  private encode(cells: Cells, values: Values, keep: boolean): Piece {
    const nulls: number[] = [];
    const w = this.writer(keep);
    writeCells(w, cells, values, 0, cells.ordinals.length, nulls);
    return { key: cells.key, bytes: keep ? Buffer.from(w.view()) : w.view(), nulls };
  }

  /** Two segments that aren't kept are written before either is copied out. */
  private writer(keep: boolean): Writer {
    if (!keep && this.segments.length > 1) return new Writer(128);
    this.scratch.clear();
    return this.scratch;
  }
}

function writeCells(
  w: Writer,
  { ordinals, writers }: Cells,
  values: Values,
  from: number,
  to: number,
  nulls: number[],
): void {
  for (let position = from; position < to; position++) {
    const value = values[ordinals[position] ?? 0] ?? null;
    if (value === null) nulls.push(position);
    else writers[position]?.(w, value);
  }
}

/** Finds the shared cells among the columns of a segment. */
function partOf(segment: EncodedSegment, { first, cells }: SharedCells): SharedPart {
  const { part } = segment;
  if (part?.at === first && part.count === cells.length) return part;
  const count = cells.length;
  const isShared = (ordinal: number): boolean => ordinal >= first && ordinal < first + count;
  const start = segment.ordinals.findIndex(isShared);
  const end = start + count;
  const own = segment.ordinals.slice(Math.max(0, start), end).map((ordinal) => ordinal - first);
  const has = start >= 0 && new Set(own).size === count && own.every((cell) => isShared(first + cell));
  const shapes = segment.shapes.slice(start, end);
  const writers = segment.writers.slice(start, end);
  const found = {
    at: first,
    count,
    from: has ? start : -1,
    cells: { ordinals: own, writers, shapes, key: `${own.join()}|${shapes.join()}` },
  };
  segment.part = found;
  return found;
}

function cellsOf(ordinals: readonly number[], columns: readonly ResultColumn[]): Cells {
  const writers = columns.map((column) => cellWriterOf(column.type, column.nullable));
  const shapes = cellShapes(columns);
  return { ordinals, writers, shapes, key: `${ordinals.join()}|${shapes.join()}` };
}
