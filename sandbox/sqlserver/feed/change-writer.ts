import { maskOf, OLD_LOB, OPERATION } from "../cdc/capture";
import type { CaptureInstance } from "../cdc/state";
import { LSN_LENGTH } from "../storage/lsn";
import type { Table } from "../storage/table";
import { same } from "../storage/table-index";
import { MAX } from "../values/sql-type";
import type { Value, Values } from "../values/value";
import { ChangeBlock } from "./change-block";
import type { RowMaker } from "./row-maker";

/** Where a change stands. */
export interface ChangePlace {
  readonly commitLsn: Buffer;
  readonly seqval: Buffer;
  readonly command: number;
  /** Number of the commit that makes it visible. */
  readonly commit: number;
}

/** An image that was made: what tells it from others. */
export interface MadeImage {
  readonly maker: RowMaker;
  readonly key: number;
  readonly variant: number;
}

interface Source {
  /** Position in the table's rows; -1 when the column is gone or computed. */
  readonly at: number;
  readonly large: "max" | "old" | undefined;
}

interface Change {
  readonly mask: Buffer;
  readonly changed: readonly boolean[];
}

/** So many columns' bits make a small number, which is found faster than a text. */
const FEW = 30;

/** Writes changes of one table into the change table of one instance, as the capture job would. */
export class ChangeWriter {
  private readonly sources: readonly Source[];
  private readonly all: Buffer;
  /** The change table has the very columns of the table, in their order. */
  private readonly whole: boolean;
  private readonly hasLarge: boolean;
  private readonly changes = new Map<string | number, Change>();
  private block: ChangeBlock | undefined;
  private readonly mask: Buffer;

  constructor(
    private readonly instance: CaptureInstance,
    table: Table,
  ) {
    this.sources = instance.columns.map(({ columnId, column }) => ({
      at: column.computed ? -1 : table.columns.findIndex(({ id }) => id === columnId),
      large: OLD_LOB.includes(column.type.name) ? "old" : column.type.length === MAX ? "max" : undefined,
    }));
    this.all = maskOf(instance.columns.map(() => true));
    this.mask = Buffer.alloc(this.all.length);
    this.whole = this.sources.length === table.columns.length && this.sources.every(({ at }, i) => at === i);
    this.hasLarge = this.sources.some(({ large }) => large !== undefined);
  }

  /** Whether changes of images that a maker made can be packed: the change table has all cells of all of them. */
  packs({ isPlain }: RowMaker): boolean {
    return isPlain && this.whole && !this.hasLarge;
  }

  insert(image: Values, place: ChangePlace): void {
    this.add(OPERATION.insert, this.all, image, undefined, place);
  }

  delete(image: Values, place: ChangePlace): void {
    this.add(OPERATION.delete, this.all, image, undefined, place);
  }

  insertMade(image: MadeImage, place: ChangePlace): void {
    if (this.packs(image.maker)) this.pack(OPERATION.insert, this.all, image, image.variant, place);
    else this.insert(image.maker.row(image.key, image.variant), place);
  }

  deleteMade(image: MadeImage, place: ChangePlace): void {
    if (this.packs(image.maker)) this.pack(OPERATION.delete, this.all, image, image.variant, place);
    else this.delete(image.maker.row(image.key, image.variant), place);
  }

  /** As {@link update}, of one variant of a row into another. */
  updateMade(before: MadeImage, variant: number, place: ChangePlace): void {
    const { maker, key } = before;
    if (!this.packs(maker)) {
      this.update(maker.row(key, before.variant), maker.row(key, variant), place);
      return;
    }
    if (!this.maskMade(maker, before.variant, variant)) return;
    this.pack(OPERATION.before, this.mask, before, before.variant, place);
    this.pack(OPERATION.after, this.mask, before, variant, place);
  }

  /** Both images; none when nothing that is captured has changed. */
  update(before: Values, after: Values, place: ChangePlace): void {
    const change = this.changeOf(before, after);
    if (!change) return;
    this.add(OPERATION.before, change.mask, before, change.changed, place);
    this.add(OPERATION.after, change.mask, after, change.changed, place);
  }

  /** Which columns an update changed, and the mask that says so; undefined for none. */
  private changeOf(before: Values, after: Values): Change | undefined {
    const { sources, changes } = this;
    const isFew = sources.length <= FEW;
    let number = 0;
    let text = "";
    for (let i = 0; i < sources.length; i++) {
      const at = sources[i]?.at ?? -1;
      const isChanged = at >= 0 && !same(before[at] ?? null, after[at] ?? null);
      if (isFew) number += isChanged ? 1 << i : 0;
      else text += isChanged ? "1" : "0";
    }
    if (isFew ? number === 0 : !text.includes("1")) return undefined;
    const key = isFew ? number : text;
    let change = changes.get(key);
    if (!change) {
      const changed = sources.map((_, i) => (isFew ? (number & (1 << i)) !== 0 : text[i] === "1"));
      change = { mask: maskOf(changed), changed };
      changes.set(key, change);
    }
    return change;
  }

  private add(
    operation: number,
    mask: Buffer,
    image: Values,
    changed: readonly boolean[] | undefined,
    { commitLsn, seqval, command, commit }: ChangePlace,
  ): void {
    const asIs = this.whole && (!this.hasLarge || !this.hides(operation, image, changed));
    const captured = asIs ? image : this.captured(operation, image, changed);
    const values: Value[] = [commitLsn, null, seqval, operation, mask, ...captured, command];
    const { changeTable } = this.instance;
    const id = changeTable.database.instance.nextRowId();
    changeTable.append({ id, table: changeTable, version: { values, writer: undefined, commit, older: undefined } });
  }

  private captured(operation: number, image: Values, changed: readonly boolean[] | undefined): Value[] {
    return this.sources.map(({ at, large }, i) =>
      at < 0 || isHidden(large, operation, changed?.[i] ?? true) ? null : (image[at] ?? null),
    );
  }

  private hides(operation: number, image: Values, changed: readonly boolean[] | undefined): boolean {
    return this.sources.some(
      ({ at, large }, i) => image[at] !== null && isHidden(large, operation, changed?.[i] ?? true),
    );
  }

  /** Sets the mask of an update from one variant to another; false when nothing differs. */
  private maskMade({ codes }: RowMaker, before: number, after: number): boolean {
    const { mask } = this;
    const width = this.sources.length - 1;
    const last = mask.length - 1;
    let any = false;
    mask.fill(0);
    for (let i = 0, a = before * width, b = after * width; i < width; i++, a++, b++) {
      if (codes[a] === codes[b]) continue;
      // The key is the first column, and stays.
      const at = last - ((i + 1) >> 3);
      mask[at] = (mask[at] ?? 0) | (1 << ((i + 1) & 7));
      any = true;
    }
    return any;
  }

  private pack(operation: number, mask: Buffer, { maker, key }: MadeImage, variant: number, place: ChangePlace): void {
    const block = this.openBlock(maker);
    const { records } = block;
    const { commitLsn, seqval, command } = place;
    let at = block.add(key, variant, block.table.database.instance.nextRowId(), place.commit);
    for (let i = 0; i < LSN_LENGTH; i++) records[at++] = commitLsn[i] ?? 0;
    for (let i = 0; i < LSN_LENGTH; i++) records[at++] = seqval[i] ?? 0;
    for (let i = 0; i < 4; i++) records[at++] = command >>> (i * 8);
    records[at++] = operation;
    for (let i = 0; i < mask.length; i++) records[at++] = mask[i] ?? 0;
  }

  /** The block at the end of the change table, unless it is full, or no longer what it was. */
  private openBlock(maker: RowMaker): ChangeBlock {
    const { block } = this;
    const { changeTable } = this.instance;
    if (block && !block.isFull && !block.touched && block.maker === maker && changeTable.endsWith(block)) return block;
    const made = new ChangeBlock(changeTable, maker, this.all.length);
    changeTable.appendPacked(made);
    return (this.block = made);
  }
}

/** Large values that an update leaves are in neither image; the old types are in no before image at all. */
function isHidden(large: Source["large"], operation: number, changed: boolean): boolean {
  if (large === undefined) return false;
  if (large === "old" && (operation === OPERATION.delete || operation === OPERATION.before)) return true;
  return operation >= OPERATION.before && !changed;
}
