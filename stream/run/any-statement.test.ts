import { Client } from "../../databases/postgres/driver";
import { column, sinkTable } from "../../test/harness/sink-model";
import { openStreamLab, type StreamLab } from "../../test/harness/stream-lab";
import type { PgClient } from "../sinks/session";
import type { StreamStep } from "./steps";

// What the server does with a statement that takes too long: the transaction is done for.
const CANCELLED = "DO $$ BEGIN RAISE EXCEPTION 'cancelled on purpose' USING ERRCODE = 'query_canceled'; END $$";
/** Sessions of the streams, and not of the test. */
const STREAMS = "streams";

jest.setTimeout(900_000);

type Query = (this: PgClient, ...args: unknown[]) => unknown;
type Strike = (query: Query, client: PgClient, args: readonly unknown[]) => unknown;

/** Number of the statement that is struck; 0 for none. */
let left = 0;
let strike: Strike;
let tables = 0;
let lab: StreamLab;

beforeAll(async () => {
  lab = await openStreamLab();
  for (const name of ["A", "B"]) await table(name);
  const query = Client.prototype.query as Query;
  const struck: Query = function (...args) {
    const { connectionParameters } = this as unknown as { connectionParameters: Record<string, string> };
    const isNext = connectionParameters["application_name"] === STREAMS && (left -= 1) === 0;
    return isNext ? strike(query, this, args) : query.apply(this, args);
  };
  jest.spyOn(Client.prototype, "query").mockImplementation(struck);
});
afterAll(async () => {
  jest.restoreAllMocks();
  await lab.close();
});

/** The server does something else, and fails. */
function cancelled(query: Query, client: PgClient, args: readonly unknown[]): unknown {
  const [statement] = args;
  // A COPY.
  if (typeof statement === "object" && statement !== null && "submit" in statement)
    return query.call(client, Object.assign(statement, { text: CANCELLED }));
  return query.call(client, CANCELLED, ...args.filter((one) => typeof one === "function"));
}

/** It was done, and nobody hears of it. */
function unanswered(query: Query, client: PgClient, args: readonly unknown[]): unknown {
  const answer = query.apply(client, [...args]);
  if (!(answer instanceof Promise)) return answer;
  return answer.then(() => {
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    throw new Error("connection terminated on purpose");
  });
}

const VALUES = [1, 2, 3, 4, 5].map((id) => `(${String(id)}, ${String(id)}, N'note ${String(id)}')`).join(", ");

/** Makes a captured table and its table in the sink. */
async function table(name: string): Promise<void> {
  await lab.source.run(`CREATE TABLE dbo.${name} (Id int NOT NULL PRIMARY KEY, N int, Note nvarchar(max))`);
  await lab.source.run(`INSERT dbo.${name} VALUES ${VALUES}`);
  await lab.source.capture(name);
  await lab.deploy([sinkTableOf(name, [])]);
}

function sinkTableOf(name: string, more: readonly string[]) {
  const usual = [column("Id", "integer", { nullable: false }), column("N", "integer"), column("Note", "text")];
  const columns = [...usual, ...more.map((one) => column(one, "integer"))];
  return sinkTable("s", name, { columns, source: { schema: "dbo", table: name } });
}

const both = (statement: (name: string) => string): string => `${statement("A")}; ${statement("B")}`;

/** Rows that keep and change their large value, move, go and come again. */
async function change(by: number): Promise<void> {
  const all = (name: string): string => `UPDATE dbo.${name} SET N = N + ${String(by)} WHERE Id <> 2;
    UPDATE dbo.${name} SET Note = N'other ${String(by)}' WHERE Id = 3; UPDATE dbo.${name} SET Id = Id + 10 WHERE Id = 4;
    DELETE dbo.${name} WHERE Id = 5; INSERT dbo.${name} VALUES (5, ${String(by)}, NULL);
    UPDATE dbo.${name} SET N = 0 WHERE Id IN (1, 5)`;
  await lab.source.run(`BEGIN TRAN; ${both(all)}; COMMIT`);
  await lab.source.captured();
}

/** Runs until all is in the sink; again, as a supervisor would, when it ended before. */
async function once(tables: readonly string[], onStep?: (step: StreamStep) => Promise<void>): Promise<void> {
  const sink = { ...lab.sink.config, applicationName: STREAMS };
  const more = { sink, snapshotRows: 3, longestRetryMs: 20, ...(onStep === undefined ? {} : { onStep }) };
  const run = () => lab.once(tables, more);
  expect(await run().catch(run)).toMatchObject({ healthy: true });
}

/** The sink has nothing, and has seen nothing. */
async function beginAnew(): Promise<void> {
  await lab.sink
    .query(`TRUNCATE s."A", s."B", cdc_management.sources, cdc_management.source_tables, cdc_management.leases,
    cdc_management.tombstones, cdc_management.dead_letters`);
  await lab.source.run(both((name) => `DELETE dbo.${name}; INSERT dbo.${name} VALUES ${VALUES}`));
  await lab.source.captured();
}

/** Rows are copied while they change, then changes come alone. */
async function copied(number: number): Promise<void> {
  await beginAnew();
  left = number;
  let hasChanged = false;
  await once(["A", "B"], async (step) => {
    if (step !== "snapshotCopied" || hasChanged) return;
    hasChanged = true;
    await change(1);
  });
  await change(2);
  await once(["A", "B"]);
  for (const name of ["A", "B"]) await expectSame(number, name, ["Id", "N", "Note"]);
}

/** A column is new, and has values already, while rows change. */
async function widened(number: number): Promise<void> {
  const name = `T_${String((tables += 1))}`;
  await table(name);
  await lab.source.captured();
  await once([name]);
  await lab.source.run(`ALTER TABLE dbo.${name} ADD X int`);
  await lab.source.run(`UPDATE dbo.${name} SET X = Id WHERE Id > 2; INSERT dbo.${name} VALUES (6, 6, N'new', 6)`);
  await lab.source.capture(name, `${name}_2`);
  await lab.sink.query(
    `ALTER TABLE s."${name}" ADD COLUMN "X" integer; ALTER TABLE s."stg_${name}" ADD COLUMN "X" integer`,
  );
  await lab.deploy([sinkTableOf(name, ["X"])]);
  await lab.source.run(
    `UPDATE dbo.${name} SET N = 0 WHERE Id < 4; UPDATE dbo.${name} SET X = 50, Note = NULL WHERE Id = 5`,
  );
  await lab.source.captured();
  left = number;
  await once([name]);
  await expectSame(number, name, ["Id", "N", "Note", "X"]);
  await lab.source.run(
    `EXEC sys.sp_cdc_disable_table @source_schema = N'dbo', @source_name = N'${name}', @capture_instance = N'all'`,
  );
}

async function expectSame(number: number, name: string, columns: readonly string[]): Promise<void> {
  const { results } = await lab.source.run(`SELECT ${columns.join(", ")} FROM dbo.${name} ORDER BY Id`);
  const rows = (results[0]?.rows ?? []).map((row) => row.map(String).join(" "));
  const list = columns.map((one) => `"${one}"`).join(", ");
  const found = await lab.rows(`SELECT ${list} FROM s."${name}" ORDER BY 1`);
  expect({ number, name, rows: found }).toEqual({ number, name, rows });
}

describe.each([
  ["cancelled", cancelled],
  ["done without an answer", unanswered],
])("whichever statement in the sink is %s", (_name, how) => {
  test.each([
    ["rows that are copied and changed", copied],
    ["rows of a table that gets a column", widened],
  ])("%s arrive", async (_what, history) => {
    strike = how;
    let number = 0;
    do {
      left = 0;
      await history((number += 1));
    } while (left <= 0);
    expect(number).toBeGreaterThan(20);
  });
});
