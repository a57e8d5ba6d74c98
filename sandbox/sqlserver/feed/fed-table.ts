import { SqlError } from "../errors";
import type { Row } from "../storage/row";
import type { Table } from "../storage/table";
import type { TableIndex } from "../storage/table-index";
import type { Values } from "../values/value";
import { ChangeWriter, type ChangePlace } from "./change-writer";
import type { Dice } from "./dice";
import { RowMaker } from "./row-maker";

/** How many of the changes are of which kind, as weights. */
export interface ChangeMix {
  readonly insert: number;
  readonly update: number;
  readonly delete: number;
}

/** A captured table whose rows a feed changes: in the table itself and in its change tables. */
export class FedTable {
  private readonly maker: RowMaker;
  private readonly writers: readonly ChangeWriter[];
  private readonly alive: Row[] = [];
  /** Rows that the feed has deleted: their keys are the next to be used. */
  private readonly dead: Row[] = [];
  private nextKey = 1;
  /** Of the table, unless somebody else has put rows in since the feed began. */
  private arrivals: number;
  private readonly others: readonly TableIndex[];

  /** Throws when the table isn't captured, or its rows can't be made. */
  constructor(
    readonly table: Table,
    private readonly mix: ChangeMix,
    private readonly dice: Dice,
  ) {
    this.maker = new RowMaker(table, dice.below(2 ** 31));
    this.others = table.indexes.filter((index) => index !== table.primaryKey);
    const instances = table.database.cdc?.instancesOf(table) ?? [];
    if (instances.length === 0) throw new SqlError(50_001, 16, 1, `${table.fullName} is not captured.`);
    this.writers = instances.map((instance) => new ChangeWriter(instance, table));
    this.arrivals = table.arrivals;
    for (const row of table.rows.from()) {
      this.alive.push(row);
      this.nextKey = Math.max(this.nextKey, Number(row.version.values?.[this.maker.key] ?? 0) + 1);
    }
  }

  /** Makes one change. */
  change(place: ChangePlace): void {
    const { mix, dice, alive } = this;
    const drawn = dice.below(1000) * ((mix.insert + mix.update + mix.delete) / 1000);
    if (drawn < mix.insert || alive.length === 0) {
      this.insert(place);
      return;
    }
    const at = dice.below(alive.length);
    const row = alive[at];
    if (!row) return;
    const before = row.version.values;
    if (!before || row.version.writer) {
      // Somebody else has it, or took it away.
      if (!before) this.drop(at);
      this.insert(place);
    } else if (drawn < mix.insert + mix.update) {
      this.update(row, before, place);
    } else {
      this.drop(at);
      this.delete(row, before, place);
    }
  }

  private delete(row: Row, before: Values, place: ChangePlace): void {
    const { instance } = this.table.database;
    if (instance.keepsHistory) {
      instance.replace(row, undefined, place.commit);
    } else {
      // It keeps its place among the keys, for when it comes back.
      const { version: older } = row;
      row.version = { values: undefined, writer: undefined, commit: place.commit, older };
      this.dead.push(row);
    }
    for (const writer of this.writers) writer.delete(before, place);
  }

  private insert(place: ChangePlace): void {
    const dead = this.dead.pop();
    const last = dead?.version.older?.values;
    if (dead && last && !dead.version.values && !this.isTaken(this.keyOf(last))) this.revive(dead, last, place);
    else this.insertNew(place);
  }

  private revive(row: Row, last: Values, place: ChangePlace): void {
    const values = this.maker.row(this.keyOf(last), this.dice.below(1000));
    this.rewrite(row, last, values, place.commit);
    this.alive.push(row);
    for (const writer of this.writers) writer.insert(values, place);
  }

  private insertNew(place: ChangePlace): void {
    const { table } = this;
    let key = this.nextKey++;
    while (this.isTaken(key)) key = this.nextKey++;
    const values = this.maker.row(key, this.dice.below(1000));
    if (table.identity && key >= this.nextKey - 1) table.identity.last = BigInt(key);
    const row: Row = {
      id: table.database.instance.nextRowId(),
      table,
      version: { values, writer: undefined, commit: place.commit, older: undefined },
    };
    table.attach(row);
    this.arrivals++;
    this.alive.push(row);
    for (const writer of this.writers) writer.insert(values, place);
  }

  private update(row: Row, before: Values, place: ChangePlace): void {
    const after = this.maker.row(this.keyOf(before), this.dice.below(1000));
    this.rewrite(row, before, after, place.commit);
    for (const writer of this.writers) writer.update(before, after, place);
  }

  private rewrite(row: Row, before: Values, after: Values, commit: number): void {
    // The key stays; made-up values of other indexes don't.
    const moving = this.others.filter((index) => index.moves(before, after));
    for (const index of moving) index.rows.remove(row);
    this.table.database.instance.replace(row, after, commit);
    for (const index of moving) index.rows.add(row);
  }

  private keyOf(values: Values): number {
    return Number(values[this.maker.key] ?? 0);
  }

  private isTaken(key: number): boolean {
    // The feed itself takes only keys that are new, or free again.
    if (this.arrivals === this.table.arrivals) return false;
    const index = this.table.primaryKey;
    if (!index) return false;
    for (const { version } of index.find([this.maker.keyValue(key)])) if (version.values || version.writer) return true;
    return false;
  }

  private drop(at: number): void {
    const last = this.alive.pop();
    if (last && at < this.alive.length) this.alive[at] = last;
  }
}
