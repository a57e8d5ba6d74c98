import { maskOf, OLD_LOB, OPERATION } from "../cdc/capture";
import { AT } from "../cdc/change-table";
import type { CaptureInstance } from "../cdc/state";
import type { Table } from "../storage/table";
import { same } from "../storage/table-index";
import { MAX } from "../values/sql-type";
import { sharedCellsOf, shareCells, type SharedCells } from "../values/shared-cells";
import type { Value, Values } from "../values/value";

/** Where a change stands. */
export interface ChangePlace {
  readonly commitLsn: Buffer;
  readonly seqval: Buffer;
  readonly command: number;
  /** Number of the commit that makes it visible. */
  readonly commit: number;
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
  private readonly shared = new Map<Values, SharedCells>();

  constructor(
    private readonly instance: CaptureInstance,
    table: Table,
  ) {
    this.sources = instance.columns.map(({ columnId, column }) => ({
      at: column.computed ? -1 : table.columns.findIndex(({ id }) => id === columnId),
      large: OLD_LOB.includes(column.type.name) ? "old" : column.type.length === MAX ? "max" : undefined,
    }));
    this.all = maskOf(instance.columns.map(() => true));
    this.whole = this.sources.length === table.columns.length && this.sources.every(({ at }, i) => at === i);
    this.hasLarge = this.sources.some(({ large }) => large !== undefined);
  }

  insert(image: Values, place: ChangePlace): void {
    this.add(OPERATION.insert, this.all, image, undefined, place);
  }

  delete(image: Values, place: ChangePlace): void {
    this.add(OPERATION.delete, this.all, image, undefined, place);
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
    const shared = asIs ? sharedCellsOf(image) : undefined;
    if (shared) shareCells(values, this.moved(shared));
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

  /** The same shared cells, where they lie in a row of the change table. */
  private moved(shared: SharedCells): SharedCells {
    let there = this.shared.get(shared.cells);
    if (!there) {
      there = { first: AT.captured + shared.first, cells: shared.cells };
      this.shared.set(shared.cells, there);
    }
    return there;
  }
}

/** Large values that an update leaves are in neither image; the old types are in no before image at all. */
function isHidden(large: Source["large"], operation: number, changed: boolean): boolean {
  if (large === undefined) return false;
  if (large === "old" && (operation === OPERATION.delete || operation === OPERATION.before)) return true;
  return operation >= OPERATION.before && !changed;
}
