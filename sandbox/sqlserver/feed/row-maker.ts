import { SqlError } from "../errors";
import { OLD_LOB } from "../cdc/capture";
import type { Column, IndexColumn } from "../storage/column";
import type { Table } from "../storage/table";
import { familyOf, MAX } from "../values/sql-type";
import { shareCells } from "../values/shared-cells";
import type { Value, Values } from "../values/value";
import { Dice } from "./dice";
import { sampleValue } from "./sample-values";

/** Rows are put together from so many made-up ones and a key. */
export const VARIANTS = 1000;
const LARGE_CHOICES = 3;

const makers = new WeakMap<readonly Column[], RowMaker>();

/** The maker of a table's rows: the same one until the table has other columns. Throws as its constructor does. */
export function rowMakerOf(table: Table, seed: number): RowMaker {
  const known = makers.get(table.columns);
  const key = table.ordinalOf(requireShape(table).column);
  const maker = known?.key === key ? known : new RowMaker(table, seed);
  makers.set(table.columns, maker);
  return maker;
}

/** Makes rows of a table that has one whole number as its key, fast: all but the key is made once. */
export class RowMaker {
  /** Position of the key. */
  readonly key: number;
  /** Key and variant tell all of a row: the key comes first, and nothing is numbered by the database. */
  readonly isPlain: boolean;
  private readonly first: number;
  private readonly variants: readonly Values[];
  private readonly bigKey: boolean;
  private readonly rowVersions: readonly number[];
  private numbers: Int32Array | undefined;

  /** Throws when the table's key isn't one whole number, or its rows can't be made without SQL. */
  constructor(
    readonly table: Table,
    seed: number,
  ) {
    const keyColumn = requireShape(table);
    this.key = table.ordinalOf(keyColumn.column);
    this.bigKey = keyColumn.column.type.name === "bigint";
    this.first = this.key === 0 ? 1 : 0;
    this.rowVersions = table.columns.flatMap(({ type }, i) => (type.name === "timestamp" ? [i] : []));
    this.isPlain = this.key === 0 && this.rowVersions.length === 0;
    const dice = new Dice(seed);
    this.variants = Array.from({ length: VARIANTS }, () => this.variant(table.columns, dice));
  }

  /** A row with this key; the same variant gives the same other cells, a new rowversion apart. */
  row(key: number, variant: number): Values {
    const cells = this.variants[variant % VARIANTS] ?? [];
    const keyValue = this.keyValue(key);
    const values: Value[] = this.key === 0 ? [keyValue, ...cells] : [...cells];
    if (this.key !== 0) values[this.key] = keyValue;
    for (const at of this.rowVersions) values[at] = this.table.database.nextRowVersion();
    if (this.isPlain) shareCells(values, { first: this.first, cells });
    return values;
  }

  /**
   * A number for every cell of every variant, variant by variant, the key left out: equal numbers mean equal values.
   */
  get codes(): Int32Array {
    return (this.numbers ??= codesOf(this.variants, this.table.columns.length - 1));
  }

  /** The key as the column has it. */
  keyValue(key: number): Value {
    return this.bigKey ? BigInt(key) : key;
  }

  private variant(columns: readonly Column[], dice: Dice): Values {
    return columns.slice(this.first).map((column) => {
      const large = column.type.length === MAX || OLD_LOB.includes(column.type.name);
      // Few large values, so that many updates leave them as they are.
      return sampleValue(column, large ? new Dice(dice.below(LARGE_CHOICES)) : dice);
    });
  }
}

function codesOf(variants: readonly Values[], width: number): Int32Array {
  const codes = new Int32Array(variants.length * width);
  for (let column = 0; column < width; column++) {
    const known = new Map<unknown, number>();
    for (const [row, cells] of variants.entries()) {
      const value = cells[column] ?? null;
      const text = typeof value === "object" && value !== null ? textOf(value) : value;
      const code = known.get(text) ?? known.size;
      known.set(text, code);
      codes[row * width + column] = code;
    }
  }
  return codes;
}

/** The same text for the same value, among those of one column. */
function textOf(value: Exclude<Value, null | number | bigint | string>): string {
  return Buffer.isBuffer(value) ? value.toString("hex") : "ticks" in value ? `${value.ticks} ${value.offset}` : "";
}

function requireShape(table: Table): IndexColumn {
  const [keyColumn] = table.primaryKey?.shape.columns ?? [];
  if (!keyColumn || table.primaryKey?.shape.columns.length !== 1 || familyOf(keyColumn.column.type) !== "integer")
    throw refused(table, "needs a primary key of one column with whole numbers");
  if (table.columns.some(({ computed }) => computed)) throw refused(table, "must have no computed columns");
  if (table.indexes.some((index) => index !== table.primaryKey && index.shape.unique))
    throw refused(table, "must have no unique index besides its key");
  return keyColumn;
}

function refused(table: Table, why: string): SqlError {
  return new SqlError(50_001, 16, 1, `${table.fullName} ${why}, to be filled or fed by the stand-in.`);
}
