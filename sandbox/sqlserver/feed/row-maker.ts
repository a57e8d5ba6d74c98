import { SqlError } from "../errors";
import { OLD_LOB } from "../cdc/capture";
import type { Column } from "../storage/column";
import type { Table } from "../storage/table";
import { familyOf, MAX } from "../values/sql-type";
import { shareCells } from "../values/shared-cells";
import type { Value, Values } from "../values/value";
import { Dice } from "./dice";
import { sampleValue } from "./sample-values";

/** Rows are put together from so many made-up ones and a key. */
const VARIANTS = 1000;
const LARGE_CHOICES = 3;

/** Makes rows of a table that has one whole number as its key, fast: all but the key is made once. */
export class RowMaker {
  /** Position of the key. */
  readonly key: number;
  private readonly first: number;
  private readonly variants: readonly Values[];
  private readonly bigKey: boolean;
  private readonly rowVersions: readonly number[];

  /** Throws when the table's key isn't one whole number, or its rows can't be made without SQL. */
  constructor(
    readonly table: Table,
    seed: number,
  ) {
    const [keyColumn] = table.primaryKey?.shape.columns ?? [];
    if (!keyColumn || table.primaryKey?.shape.columns.length !== 1 || familyOf(keyColumn.column.type) !== "integer")
      throw refused(table, "needs a primary key of one column with whole numbers");
    if (table.columns.some(({ computed }) => computed)) throw refused(table, "must have no computed columns");
    if (table.indexes.some((index) => index !== table.primaryKey && index.shape.unique))
      throw refused(table, "must have no unique index besides its key");
    this.key = table.ordinalOf(keyColumn.column);
    this.bigKey = keyColumn.column.type.name === "bigint";
    this.first = this.key === 0 ? 1 : 0;
    this.rowVersions = table.columns.flatMap(({ type }, i) => (type.name === "timestamp" ? [i] : []));
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
    if (this.key === 0 && this.rowVersions.length === 0) shareCells(values, { first: this.first, cells });
    return values;
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

function refused(table: Table, why: string): SqlError {
  return new SqlError(50_001, 16, 1, `${table.fullName} ${why}, to be filled or fed by the stand-in.`);
}
