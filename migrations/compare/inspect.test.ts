import { counters } from "../../databases/postgres/run";
import type { TestDatabase } from "../../test/harness/database";
import { ID, MigrationLab, NAME, type LabModel } from "../../test/harness/migration-lab";
import { column } from "../../test/harness/sink-model";

let db: TestDatabase;
let lab: MigrationLab;
beforeEach(async () => {
  lab = await MigrationLab.open();
  db = lab.db;
});
afterEach(() => lab.close());

const FILLED = column("_from", "text", { origin: "template", default: "upper('none')", nullable: false });

/** So many customers with so many tables, with a DEFAULT that the server spells its own way. */
function model(customers: number, tables: number): LabModel {
  return {
    customers: Array.from({ length: customers }, (_, index) => `c${String(index)}`),
    tables: Array.from({ length: tables }, (_, index) => ({ name: `T${String(index)}`, columns: [ID, NAME, FILLED] })),
  };
}

async function queriesOf(work: () => Promise<unknown>): Promise<{ catalog: number; all: number }> {
  const before = { ...counters };
  await work();
  return { catalog: counters.catalogQueries - before.catalogQueries, all: counters.batches - before.batches };
}

test.each([
  ["one table", 1, 1],
  ["sixty tables", 6, 10],
])(
  "%s: status and an apply with nothing to do ask the catalogue at most six times, and change nothing",
  async (_words, customers, tables) => {
    lab.generate(model(customers, tables));
    await lab.apply();
    const status = await queriesOf(() => lab.status());
    const apply = await queriesOf(() => lab.apply());
    expect(status.catalog).toBeLessThanOrEqual(6);
    expect(apply.catalog).toBeLessThanOrEqual(6);
    // The history, and the server's own spelling of a default: not one per table.
    expect(apply.all).toBeLessThanOrEqual(2);
  },
);

test("schemas that are not like most others are named with their tables, whatever the files say", async () => {
  lab.generate(model(5, 2));
  await lab.apply();
  expect((await lab.status()).odd).toEqual([]);
  await db.query(`ALTER TABLE c3."T1" ALTER "Name" TYPE text; DROP TABLE c1."stg_T0"`);
  const odd = [
    { schema: "c1", tables: ["T0"] },
    { schema: "c3", tables: ["T1"] },
  ];
  expect((await lab.status()).odd).toEqual(odd);
  expect((await lab.check()).odd).toEqual(odd);
  // Most customers are behind the files, one is ahead: it is the odd one.
  await db.query(`ALTER TABLE c3."T1" ALTER "Name" TYPE varchar(50)`);
  await lab.apply();
  lab.generate({
    ...model(5, 2),
    tables: model(5, 2).tables.map((table) => ({ ...table, columns: [ID, NAME, FILLED, column("New", "integer")] })),
  });
  await db.query(`ALTER TABLE c4."T0" ADD COLUMN "New" integer; ALTER TABLE c4."stg_T0" ADD COLUMN "New" integer`);
  expect((await lab.check()).odd).toEqual([{ schema: "c4", tables: ["T0"] }]);
});

test("a table that got its columns later is like one that was made with them", async () => {
  lab.generate(model(3, 1));
  await lab.apply();
  const newer = (customers: number): LabModel => ({
    customers: model(customers, 1).customers,
    tables: [{ name: "T0", columns: [ID, column("Between", "integer"), NAME, FILLED] }],
  });
  lab.generate(newer(4));
  await lab.apply();
  expect(await lab.check()).toMatchObject({ differences: [], odd: [] });
});
