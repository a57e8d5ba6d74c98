import type { Dice } from "../../sandbox/sqlserver/feed/dice";
import type { SourceSide, TenantSource } from "./source-side";

/** Keys that most statements are about: few, so that they meet. */
const KEYS = 10;
const LARGE = 60;
const TEXTS = ["NULL", "N''", "N'a'", "N'tab\there'", "N'é😀 \\N'", "N'line\nbreak'"];
const NOTES = [...TEXTS, "REPLICATE(CAST(N'x' AS nvarchar(max)), 5000)"];
const AMOUNTS = ["NULL", "0", "-1.5", "999999999999999.9999", "0.0001"];

/** Of the features of a workload those that are in the list of faults. */
export type Feature = "big transaction" | "key update" | "key swap" | "bulk key update" | "NULL (max)" | "rollback";

/** Writes random transactions. Each also writes the number of the transaction into both pages. */
export class Workload {
  readonly features = new Set<Feature>();

  constructor(
    private readonly side: SourceSide,
    private readonly dice: Dice,
  ) {}

  /** One transaction, committed or, now and then, rolled back. */
  async transaction(source: TenantSource): Promise<void> {
    const { dice } = this;
    const isBig = dice.below(LARGE) === 0;
    const statements = isBig ? [this.big()] : Array.from({ length: 1 + dice.below(5) }, () => this.statement(source));
    const rollsBack = dice.below(12) === 0;
    if (rollsBack) this.features.add("rollback");
    await this.commit(source, statements, rollsBack);
  }

  /** Runs statements in a transaction of their own. */
  async commit(source: TenantSource, statements: readonly string[], rollsBack = false): Promise<void> {
    const number = source.number + 1;
    const pages = ["left_page", "right_page"].map(
      (page) => `UPDATE dbo.${page} SET n = ${String(number)} WHERE id = 1`,
    );
    const all = this.dice.below(2) === 0 ? [...pages, ...statements] : [...statements, ...pages];
    await this.side.run(
      source,
      `BEGIN TRANSACTION; ${all.join("; ")}; ${rollsBack ? "ROLLBACK" : "COMMIT"} TRANSACTION`,
    );
    if (!rollsBack) source.number = number;
  }

  private statement(source: TenantSource): string {
    return this.dice.below(5) < 3 ? this.ofItems(source) : this.ofPairs();
  }

  private ofItems({ spare }: TenantSource): string {
    const { dice } = this;
    const [key, other] = [dice.below(KEYS), dice.below(KEYS)];
    const where = `WHERE id = ${String(key)}`;
    switch (dice.below(10)) {
      case 0:
      case 1:
      case 2:
        return `IF NOT EXISTS (SELECT 1 FROM dbo.items ${where}) INSERT dbo.items (id, name, amount, qty, note, raw, at) VALUES (${String(key)}, ${this.values()})`;
      case 3:
        return `UPDATE dbo.items SET name = ${pick(dice, TEXTS)}, amount = ${pick(dice, AMOUNTS)} ${where}`;
      case 4:
        return `UPDATE dbo.items SET note = ${this.note()} WHERE id BETWEEN ${String(key)} AND ${String(key + other)}`;
      case 5:
        return this.sameKey(key, spare);
      case 6:
        this.features.add("key update");
        return `IF NOT EXISTS (SELECT 1 FROM dbo.items WHERE id = ${String(other)}) UPDATE dbo.items SET id = ${String(other)} ${where}`;
      case 7:
        this.features.add("key swap");
        return `UPDATE dbo.items SET id = ${String(KEYS)} - id WHERE id BETWEEN 0 AND ${String(KEYS)}`;
      case 8:
        this.features.add("bulk key update");
        return `UPDATE dbo.items SET id = id + 1 WHERE id >= ${String(key)} AND id < 500`;
      default:
        return `DELETE dbo.items WHERE id >= 0 AND id % ${String(3 + other)} = ${String(key % 3)} AND id < 1000; DELETE dbo.items WHERE id = ${String(1000 + dice.below(50))}`;
    }
  }

  private ofPairs(): string {
    const { dice } = this;
    const [x, y] = [String(dice.below(4)), String(dice.below(4))];
    switch (dice.below(7)) {
      case 0:
      case 1:
        return `IF NOT EXISTS (SELECT 1 FROM dbo.pairs WHERE x = ${x} AND y = ${y}) INSERT dbo.pairs VALUES (${x}, ${y}, ${this.note()}, ${pick(dice, ["NULL", "'t'"])})`;
      case 2:
        this.features.add("key swap");
        return "UPDATE dbo.pairs SET x = y, y = x WHERE x >= 0 AND x < 100 AND y < 100";
      case 3:
        this.features.add("bulk key update");
        return `UPDATE dbo.pairs SET y = y + 1 WHERE x = ${x}`;
      case 4:
        return `UPDATE dbo.pairs SET v = ${this.note()} WHERE x = ${x}`;
      case 5:
        return `UPDATE dbo.pairs SET tag = ${pick(dice, ["NULL", "'u'", "'v'"])} WHERE y = ${y} AND x >= 0`;
      default:
        return `DELETE dbo.pairs WHERE x = ${x} AND y >= ${y}`;
    }
  }

  /** The same key, again and again, in one transaction. */
  private sameKey(key: number, spare: string | undefined): string {
    const set = spare === undefined ? "" : `, ${spare} = ${String(this.dice.below(100))}`;
    const where = `WHERE id = ${String(key)}`;
    return [
      `UPDATE dbo.items SET qty = 1 ${where}; UPDATE dbo.items SET qty = 2${set} ${where}; DELETE dbo.items ${where}`,
      `INSERT dbo.items (id, name, amount, qty, note, raw, at) VALUES (${String(key)}, ${this.values()})`,
      `UPDATE dbo.items SET note = ${this.note()} ${where}`,
    ].join("; ");
  }

  private big(): string {
    this.features.add("big transaction");
    const from = 2000 + this.dice.below(100);
    const rows = Array.from({ length: 900 }, (_, n) => `(${String(from + n)}, N'big', ${String(n)})`);
    return `DELETE dbo.items WHERE id >= 2000; INSERT dbo.items (id, name, qty) VALUES ${rows.join(", ")}; UPDATE dbo.items SET amount = qty WHERE id >= 2000`;
  }

  private values(): string {
    const { dice } = this;
    const raw = ["NULL", "0x", "0x00FF"];
    const at = ["NULL", "'2026-01-02T03:04:05.678'", "'0001-01-01T00:00:00.000'", "'9999-12-31T23:59:59.999'"];
    return `${pick(dice, TEXTS)}, ${pick(dice, AMOUNTS)}, ${String(dice.below(2_000_000))}, ${this.note()}, ${pick(dice, raw)}, ${pick(dice, at)}`;
  }

  private note(): string {
    const note = pick(this.dice, NOTES);
    if (note === "NULL") this.features.add("NULL (max)");
    return note;
  }
}

/** One of a list. */
export function pick<T>(dice: Dice, list: readonly T[]): T {
  const found = list[dice.below(list.length)];
  if (found === undefined) throw new Error("an empty list has nothing to pick");
  return found;
}
