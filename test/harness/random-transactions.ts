import fc from "fast-check";

/** Makes the tables of {@link randomTransaction}, with keys and large columns of every kind. */
export const RANDOM_TABLES = [
  "CREATE TABLE dbo.a (id int NOT NULL PRIMARY KEY, u int NOT NULL UNIQUE, name nvarchar(20) NULL, note nvarchar(max) NULL)",
  "CREATE TABLE dbo.b (x int NOT NULL, y int NOT NULL, v varchar(max) NULL, t ntext NULL, CONSTRAINT b_key PRIMARY KEY (x, y))",
];

/** One transaction: statements of which some may fail without ending it. */
export interface RandomTransaction {
  readonly statements: readonly string[];
  readonly rolledBack: boolean;
  /** The capture job runs, and the reader reads, after it. */
  readonly read: boolean;
  /** Most transactions of the windows that are read. */
  readonly window: number;
}

const small = fc.integer({ min: 0, max: 9 });
const text = fc.constantFrom("NULL", "N''", "N'a'", "N'b'", "N'é😀'");
const large = fc.oneof(text, fc.constantFrom("REPLICATE(CAST(N'x' AS nvarchar(max)), 5000)"));

const ofA = fc.oneof(
  fc
    .tuple(small, small, text, large)
    .map(([id, u, name, note]) => `INSERT dbo.a VALUES (${String(id)}, ${String(u)}, ${name}, ${note})`),
  fc
    .tuple(small, small, text)
    .map(([from, to, name]) => `UPDATE dbo.a SET name = ${name} WHERE id BETWEEN ${String(from)} AND ${String(to)}`),
  fc.tuple(small, large).map(([id, note]) => `UPDATE dbo.a SET note = ${note} WHERE id >= ${String(id)}`),
  fc
    .tuple(small, fc.constantFrom(-1, 1, 2))
    .map(([id, by]) => `UPDATE dbo.a SET id = id + ${String(by)} WHERE id >= ${String(id)}`),
  small.map((sum) => `UPDATE dbo.a SET id = ${String(sum)} - id WHERE id BETWEEN 0 AND ${String(sum)}`),
  fc
    .tuple(small, small)
    .map(
      ([one, other]) =>
        `UPDATE dbo.a SET u = CASE u WHEN ${String(one)} THEN ${String(other)} ELSE ${String(one)} END WHERE u IN (${String(one)}, ${String(other)})`,
    ),
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), small)
    .map(([by, rest]) => `DELETE dbo.a WHERE id % ${String(by)} = ${String(rest % by)}`),
);

const ofB = fc.oneof(
  fc
    .tuple(small, small, large, large)
    .map(([x, y, v, t]) => `INSERT dbo.b VALUES (${String(x)}, ${String(y)}, ${v}, ${t})`),
  fc.constant("UPDATE dbo.b SET x = y, y = x"),
  fc
    .tuple(small, fc.constantFrom(-1, 1))
    .map(([x, by]) => `UPDATE dbo.b SET y = y + ${String(by)} WHERE x <= ${String(x)}`),
  fc.tuple(small, large).map(([x, v]) => `UPDATE dbo.b SET v = ${v} WHERE x = ${String(x)}`),
  fc.tuple(small, large).map(([y, t]) => `UPDATE dbo.b SET t = ${t} WHERE y <= ${String(y)}`),
  small.map((x) => `DELETE dbo.b WHERE x = ${String(x)}`),
);

const randomTransaction: fc.Arbitrary<RandomTransaction> = fc.record({
  statements: fc.array(fc.oneof(ofA, ofB), { minLength: 1, maxLength: 6 }),
  rolledBack: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  read: fc.boolean(),
  window: fc.integer({ min: 1, max: 4 }),
});

export const randomTransactions = fc.array(randomTransaction, { minLength: 1, maxLength: 8 });
