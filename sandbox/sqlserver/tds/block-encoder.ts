import { AT } from "../cdc/change-table";
import { RECORD, type ChangeBlock } from "../feed/change-block";
import type { RowMaker } from "../feed/row-maker";
import type { RowPlan } from "../session";
import { LSN_LENGTH } from "../storage/lsn";
import type { Value } from "../values/value";
import { ByteWriter } from "./byte-writer";
import { TOKEN } from "./tokens";
import { cellShapes, cellWriterOf } from "./write-value";

const WORD = 0x1_0000_0000;

/** A change row of one variant: all its bytes, and where those are that differ from row to row; 0 where they aren't. */
interface Template {
  readonly bytes: Buffer;
  readonly lsn: number;
  readonly seqval: number;
  readonly command: number;
  readonly operation: number;
  readonly mask: number;
  readonly key: number;
}

/** What was made for the results of earlier statements, by their columns. */
const encoders = new WeakMap<RowMaker, Map<string, BlockEncoder>>();

/** Writes packed change rows: a variant's bytes are made once, and what differs is put into each copy. */
export class BlockEncoder {
  readonly maker: RowMaker;
  private readonly templates: Template[] = [];
  private readonly keyWidth: number;
  private readonly commandAt: number;

  private constructor(
    private readonly plan: RowPlan,
    private readonly ordinals: readonly number[],
    block: ChangeBlock,
  ) {
    this.maker = block.maker;
    const { name } = block.maker.table.columns[block.maker.key]?.type ?? { name: "int" };
    this.keyWidth = { tinyint: 1, smallint: 2, int: 4, bigint: 8 }[name as string] ?? 0;
    this.commandAt = AT.captured + block.maker.table.columns.length;
  }

  /** Undefined when the result isn't just columns of the change table, each at most once. */
  static of(plan: RowPlan, block: ChangeBlock): BlockEncoder | undefined {
    const [only] = plan.segments;
    if (!only || plan.segments.length > 1 || only.source !== 0) return undefined;
    if (new Set(only.ordinals).size < only.ordinals.length) return undefined;
    const known = encoders.get(block.maker) ?? new Map<string, BlockEncoder>();
    encoders.set(block.maker, known);
    const key = `${only.ordinals.join()}|${cellShapes(plan.columns).join()}`;
    const encoder = known.get(key) ?? new BlockEncoder(plan, only.ordinals, block);
    known.set(key, encoder);
    return encoder.keyWidth === 0 ? undefined : encoder;
  }

  /** The rows from `from` to before `to`. */
  write(w: ByteWriter, block: ChangeBlock, from: number, to: number): void {
    const { records, stride, keys, variants, maskLength } = block;
    for (let row = from; row < to; row++) {
      const template = (this.templates[variants[row] as number] ??= this.template(block, row));
      const start = w.claim(template.bytes);
      const out = w.memory;
      const record = row * stride;
      copy(records, record + RECORD.lsn, LSN_LENGTH, out, start, template.lsn);
      copy(records, record + RECORD.command, 4, out, start, template.command);
      copy(records, record + RECORD.seqval, LSN_LENGTH, out, start, template.seqval);
      copy(records, record + RECORD.operation, 1, out, start, template.operation);
      copy(records, record + RECORD.mask, maskLength, out, start, template.mask);
      if (template.key > 0) this.putKey(out, start + template.key, keys[row] as number);
    }
  }

  private putKey(out: Buffer, at: number, key: number): void {
    const low = key | 0;
    for (let i = 0; i < this.keyWidth && i < 4; i++) out[at + i] = low >>> (i * 8);
    if (this.keyWidth < 8) return;
    const high = Math.floor(key / WORD);
    for (let i = 0; i < 4; i++) out[at + 4 + i] = high >>> (i * 8);
  }

  /** Made of a row of the variant. Of a cell's bytes those at the end are the value's. */
  private template(block: ChangeBlock, row: number): Template {
    const { plan, ordinals, keyWidth, commandAt } = this;
    const values = block.values(row);
    const w = new ByteWriter(512);
    writeToken(
      w,
      ordinals.map((ordinal) => values[ordinal] ?? null),
    );
    const ends = new Map<number, number>();
    for (const [position, ordinal] of ordinals.entries()) {
      const value = values[ordinal] ?? null;
      const column = plan.columns[position];
      if (value === null || !column) continue;
      cellWriterOf(column.type, column.nullable)(w, value);
      ends.set(ordinal, w.length);
    }
    const at = (ordinal: number, width: number): number => (ends.get(ordinal) ?? width) - width;
    return {
      bytes: Buffer.from(w.view()),
      lsn: at(AT.startLsn, LSN_LENGTH),
      seqval: at(AT.seqval, LSN_LENGTH),
      command: at(commandAt, 4),
      operation: at(AT.operation, 4),
      mask: at(AT.updateMask, block.maskLength),
      key: at(AT.captured, keyWidth),
    };
  }
}

function writeToken(w: ByteWriter, values: readonly Value[]): void {
  if (!values.includes(null)) {
    w.u8(TOKEN.row);
    return;
  }
  const bitmap = Buffer.alloc(Math.ceil(values.length / 8));
  for (const [position, value] of values.entries())
    if (value === null) bitmap[position >> 3] = (bitmap[position >> 3] ?? 0) | (1 << (position & 7));
  w.u8(TOKEN.nbcRow).bytes(bitmap);
}

function copy(from: Buffer, at: number, length: number, out: Buffer, start: number, place: number): void {
  if (place === 0) return;
  for (let i = 0; i < length; i++) out[start + place + i] = from[at + i] as number;
}
