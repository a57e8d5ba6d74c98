import fc from "fast-check";
import { closePools } from "../../databases/postgres/pool";
import { readCatalog } from "../../databases/postgres/catalog";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { MigrationLab, type LabTable } from "../../test/harness/migration-lab";
import { tableVersions } from "../../test/arbitraries/table-versions";

let evolving: TestDatabase;
let fresh: TestDatabase;

beforeAll(async () => {
  [evolving, fresh] = [await createTestDatabase(), await createTestDatabase()];
});
afterAll(async () => {
  await closePools();
  await Promise.all([evolving.drop(), fresh.drop()]);
});

describe("for any two versions of a configuration", () => {
  test("files of the first applied, then evolved to the second, give the catalogue that files of the second give", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(tableVersions, async ({ before, after, back }) => {
        const customers = [`run ${String((run += 1))}`];
        const [one, other] = [new MigrationLab(evolving), new MigrationLab(fresh)];
        one.generate({ customers, tables: before });
        await applied(one);
        one.generate({ customers, tables: after });
        await applied(one);
        other.generate({ customers, tables: after });
        await applied(other);
        await expectSame(one, other, customers[0] ?? "", after);
        expect((await one.apply()).applied).toBe(0);
        for (const lab of [one, other]) {
          lab.generate({ customers, tables: back });
          await applied(lab);
        }
        await expectSame(one, other, customers[0] ?? "", back);
        one.remove();
        other.remove();
      }),
      { numRuns: process.env["CDC_SOAK"] === "1" ? 150 : 12 },
    );
  }, 600_000);
});

async function applied(lab: MigrationLab): Promise<void> {
  const report = await lab.apply();
  expect(
    report.units.flatMap(({ error, problems }) => [error?.message, ...problems]).filter((one) => one !== undefined),
  ).toEqual([]);
  expect(report.complete).toBe(true);
}

async function expectSame(
  one: MigrationLab,
  other: MigrationLab,
  schema: string,
  tables: readonly LabTable[],
): Promise<void> {
  const names = tables.map(({ name }) => name);
  const [left, right] = [await catalogueOf(one, schema, names), await catalogueOf(other, schema, names)];
  expect(left).toEqual(right);
}

/** Everything that the catalogue says of a schema's tables, without the columns that are kept on purpose. */
async function catalogueOf(lab: MigrationLab, schema: string, names: readonly string[]) {
  const catalog = await readCatalog(lab.config);
  const { manifest } = lab.folder();
  const kept = new Map(manifest.tables.map((entry) => [entry.table, Object.keys(entry.kept ?? {})]));
  const wanted = new Set(names.flatMap((name) => [name, `stg_${name}`, `sp_merge_${name}`]));
  const own = <T extends { readonly schema: string; readonly name: string }>(values: Iterable<T>) =>
    [...values]
      .filter((one) => one.schema === schema && wanted.has(one.name))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  const tables = own(catalog.tables.values()).map((table) => {
    const left = kept.get(table.name) ?? [];
    const extra = table.columns.filter(({ name }) => left.includes(name));
    expect(extra.filter((column) => column.notNull && column.default === undefined)).toEqual([]);
    const columns = table.columns
      .filter(({ name }) => !left.includes(name))
      .sort((one, two) => (one.name < two.name ? -1 : 1));
    return { ...table, columns };
  });
  return {
    tables,
    routines: own([...catalog.routines.values()].flat()),
    registered: own(catalog.mergeControl.values()),
  };
}
