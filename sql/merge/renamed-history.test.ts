import fc from "fast-check";
import type { SinkTable } from "../../model/sink";
import type { ColumnRename } from "../../model/table-hints";
import { BATCHES, deliveredHistory } from "../../test/arbitraries/staged-events";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { finalRows, labTable, merge, stage } from "../../test/harness/merge-lab";
import { modelOf } from "../../test/harness/merge-model";
import { mergeProcedureProps, sinkTableProps, stagingTableProps } from "../plans/from-model";
import { planMergeProcedure } from "../plans/merge-procedure";
import { planSinkTable } from "../plans/sink-table";
import { planStagingTable, stagingTableOutputs } from "../plans/staging-table";

const SETTINGS = { connection: "c", database: "d" };
const RUNS = process.env["CDC_SOAK"] === "1" ? 40 : 3;
const HISTORIES = 150;
/** A key column, and columns whose positions are kept by name. */
const THERE: readonly ColumnRename[] = ["k", "b", "lob"].map((from) => ({ from, to: `${from} "renamed"` }));
const BACK: readonly ColumnRename[] = THERE.map(({ from, to }) => ({ from: to, to: from }));

describe.each(["hard", "soft"] as const)("any history with %s deletes whose columns get new names", (onDelete) => {
  const table = labTable(onDelete, { onDelete });
  const other = withNames(table, THERE);
  let database: TestDatabase;
  let next = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    await deployTables(database, [table]);
  });
  afterAll(() => database.drop());

  test("between staging and merging, gives the model's table all the same", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(deliveredHistory, { minLength: HISTORIES, maxLength: HISTORIES }),
        async (histories) => {
          const first = next;
          next += HISTORIES;
          const own = histories.map(({ events, batches }, index) => ({
            events: events.map((event) => ({ ...event, h: first + index })),
            batches: batches.map((batch) => batch.map((event) => ({ ...event, h: first + index }))),
          }));
          for (let place = 0; place < BATCHES; place++) {
            const events = own.flatMap(({ batches }) => batches[place] ?? []);
            await stage(database, table, events);
            // Every other batch is merged under the old names, so that what one kept is read by the other.
            const renames = place % 2 === 1;
            if (renames) await rename(database, table, other);
            expect(await merge(database, renames ? other : table)).toMatchObject({ dead: 0 });
            if (renames) await rename(database, other, withNames(other, BACK));
          }
          const found = (await finalRows(database, table)).filter(({ h }) => h >= first);
          expect(found).toEqual(own.flatMap(({ events }) => modelOf(events, onDelete)));
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    ));
});

function withNames(table: SinkTable, renames: readonly ColumnRename[]): SinkTable {
  const named = (name: string) => renames.find(({ from }) => from === name)?.to ?? name;
  const columns = table.columns.map((column) => ({ ...column, name: named(column.name) }));
  return { ...table, columns, key: table.key.map(named), hints: { renames } };
}

async function rename(database: TestDatabase, olds: SinkTable, news: SinkTable): Promise<void> {
  const plans = [
    planSinkTable(sinkTableProps(olds, SETTINGS), sinkTableProps(news, SETTINGS)),
    planStagingTable(stagingTableOutputs(stagingTableProps(olds, SETTINGS)), stagingTableProps(news, SETTINGS)),
    planMergeProcedure(undefined, mergeProcedureProps(news, SETTINGS)),
  ];
  expect(plans.flatMap(({ failures }) => failures)).toEqual([]);
  await database.query(plans.flatMap(({ statements }) => statements).join("\n;\n"));
}
