import type { Version } from "../storage/row";
import type { Table } from "../storage/table";
import type { Values } from "../values/value";
import { Dice } from "./dice";
import { MadeVersion } from "./made-version";
import { rowMakerOf, VARIANTS, type RowMaker } from "./row-maker";

/** Puts made-up rows with the keys `first` to `first + count - 1` into a table, past log and capture. */
export function fill(table: Table, count: number, first = 1, seed = 1): void {
  const maker = rowMakerOf(table, seed);
  const dice = new Dice(seed);
  const commit = table.database.instance.nextCommit();
  for (let key = first; key < first + count; key++)
    attach(table, madeVersion(maker, key, dice.below(VARIANTS), commit));
  const { identity } = table;
  if (identity) identity.last = BigInt(Math.max(first + count - 1, Number(identity.last ?? 0n)));
}

/** A row's state; its values wait until somebody wants them, where key and variant are enough for that. */
export function madeVersion(maker: RowMaker, key: number, variant: number, commit: number): Version {
  if (maker.isPlain) return new MadeVersion(maker, key, variant, commit);
  return { values: maker.row(key, variant), writer: undefined, commit, older: undefined };
}

/** Puts rows into a table as they are, past log, capture and constraints. */
export function load(table: Table, rows: Iterable<Values>): void {
  const { instance } = table.database;
  const commit = instance.nextCommit();
  for (const values of rows) attach(table, { values, writer: undefined, commit, older: undefined });
}

function attach(table: Table, version: Version): void {
  table.attach({ id: table.database.instance.nextRowId(), table, version });
}
