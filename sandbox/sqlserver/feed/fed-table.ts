import { SqlError } from "../errors";
import type { Row, Version } from "../storage/row";
import type { Table } from "../storage/table";
import type { TableIndex } from "../storage/table-index";
import { ChangeWriter, type ChangePlace } from "./change-writer";
import type { Dice } from "./dice";
import { madeVersion } from "./fill";
import { MadeVersion } from "./made-version";
import { rowMakerOf, VARIANTS, type RowMaker } from "./row-maker";

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
    this.maker = rowMakerOf(table, dice.below(2 ** 31));
    this.others = table.indexes.filter((index) => index !== table.primaryKey);
    const instances = table.database.cdc?.instancesOf(table) ?? [];
    if (instances.length === 0) throw new SqlError(50_001, 16, 1, `${table.fullName} is not captured.`);
    this.writers = instances.map((instance) => new ChangeWriter(instance, table));
    this.arrivals = table.arrivals;
    for (const row of table.rows.from()) {
      this.alive.push(row);
      this.nextKey = Math.max(this.nextKey, this.keyOf(row.version) + 1);
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
    const { version } = row;
    const isMade = version instanceof MadeVersion && version.maker === this.maker;
    const isGone = !isMade && !version.values;
    if (isGone || version.writer) {
      // Somebody else has it, or took it away.
      if (isGone) this.drop(at);
      this.insert(place);
    } else if (drawn < mix.insert + mix.update) {
      if (isMade) this.updateMade(row, version, place);
      else this.update(row, version, place);
    } else {
      this.drop(at);
      this.delete(row, version, place);
    }
  }

  private delete(row: Row, before: Version, place: ChangePlace): void {
    const { instance } = this.table.database;
    if (instance.keepsHistory) {
      instance.replace(row, { values: undefined, writer: undefined, commit: place.commit, older: undefined });
    } else {
      // It keeps its place among the keys, for when it comes back.
      row.version = { values: undefined, writer: undefined, commit: place.commit, older: before };
      this.dead.push(row);
    }
    for (const writer of this.writers) {
      if (before instanceof MadeVersion) writer.deleteMade(before, place);
      else writer.delete(before.values ?? [], place);
    }
  }

  private insert(place: ChangePlace): void {
    const dead = this.dead.pop();
    const last = dead?.version.older;
    if (dead && last && !dead.version.values && !this.isTaken(this.keyOf(last))) this.revive(dead, last, place);
    else this.insertNew(place);
  }

  private revive(row: Row, last: Version, place: ChangePlace): void {
    const version = this.made(this.keyOf(last), place.commit);
    this.rewrite(row, last, version);
    this.alive.push(row);
    this.inserted(version, place);
  }

  private insertNew(place: ChangePlace): void {
    const { table } = this;
    let key = this.nextKey++;
    while (this.isTaken(key)) key = this.nextKey++;
    const version = this.made(key, place.commit);
    if (table.identity && key >= this.nextKey - 1) table.identity.last = BigInt(key);
    const row: Row = { id: table.database.instance.nextRowId(), table, version };
    table.attach(row);
    this.arrivals++;
    this.alive.push(row);
    this.inserted(version, place);
  }

  private inserted(version: Version, place: ChangePlace): void {
    for (const writer of this.writers) {
      if (version instanceof MadeVersion) writer.insertMade(version, place);
      else writer.insert(version.values ?? [], place);
    }
  }

  private update(row: Row, before: Version, place: ChangePlace): void {
    const after = this.made(this.keyOf(before), place.commit);
    this.rewrite(row, before, after);
    for (const writer of this.writers) writer.update(before.values ?? [], after.values ?? [], place);
  }

  private updateMade(row: Row, before: MadeVersion, place: ChangePlace): void {
    const variant = this.dice.below(VARIANTS);
    for (const writer of this.writers) writer.updateMade(before, variant, place);
    if (this.others.length === 0 && !this.table.database.instance.keepsHistory) before.become(variant, place.commit);
    else this.rewrite(row, before, new MadeVersion(before.maker, before.key, variant, place.commit));
  }

  private made(key: number, commit: number): Version {
    return madeVersion(this.maker, key, this.dice.below(VARIANTS), commit);
  }

  private rewrite(row: Row, before: Version, after: Version): void {
    // The key stays; made-up values of other indexes don't.
    const moving = this.others.filter((index) => index.moves(before.values ?? [], after.values ?? []));
    for (const index of moving) index.rows.remove(row);
    this.table.database.instance.replace(row, after);
    for (const index of moving) index.rows.add(row);
  }

  private keyOf(version: Version): number {
    return version instanceof MadeVersion ? version.key : Number(version.values?.[this.maker.key] ?? 0);
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
