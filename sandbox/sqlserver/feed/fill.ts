import type { Table } from "../storage/table";
import type { Values } from "../values/value";
import { Dice } from "./dice";
import { RowMaker } from "./row-maker";

/** Puts made-up rows with the keys `first` to `first + count - 1` into a table, past log and capture. */
export function fill(table: Table, count: number, first = 1, seed = 1): void {
  const maker = new RowMaker(table, seed);
  const dice = new Dice(seed);
  load(table, made(maker, dice, count, first));
  const { identity } = table;
  if (identity) identity.last = BigInt(Math.max(first + count - 1, Number(identity.last ?? 0n)));
}

function* made(maker: RowMaker, dice: Dice, count: number, first: number): Generator<Values> {
  for (let key = first; key < first + count; key++) yield maker.row(key, dice.below(1000));
}

/** Puts rows into a table as they are, past log, capture and constraints. */
export function load(table: Table, rows: Iterable<Values>): void {
  const { instance } = table.database;
  const commit = instance.nextCommit();
  for (const values of rows) {
    table.attach({
      id: instance.nextRowId(),
      table,
      version: { values, writer: undefined, commit, older: undefined },
    });
  }
}
