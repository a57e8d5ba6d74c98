import { closePools } from "../../../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "../../../test/harness/database";
import { deployTables } from "../../../test/harness/deploy-tables";
import { sinkTable } from "../../../test/harness/sink-model";
import { Batch } from "../../sdk/batch";
import type { OutputContext } from "../../sdk/provider";
import { postgresProblem } from "./config";
import { postgresOutput } from "./output";

let database: TestDatabase;
const warned: string[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  await deployTables(database, [sinkTable("s", "T")]);
});
afterAll(async () => {
  await closePools();
  await database.drop();
});

function contextOf(token?: string): OutputContext {
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (text: string) => warned.push(text),
    error: () => undefined,
  };
  const lease = token === undefined ? {} : { lease: { name: "task:t", token } };
  return { signal: new AbortController().signal, log, print: () => undefined, task: "t", ...lease };
}

function batch(...events: readonly [lsn: number, operation: string, id: unknown, name: string][]): Batch {
  const lines = events.map(([lsn, OperationType, Id, Name]) =>
    JSON.stringify({
      data: { Id, Name },
      metadata: { TableName: "T", OperationType, LSN: lsn.toString(16).padStart(20, "0"), CommandId: 1 },
    }),
  );
  return new Batch([Buffer.from(`${lines.join("\n")}\n`)], lines.length, 1);
}

async function rows(): Promise<string[]> {
  const found = await database.query<{ row: string }>(`SELECT "Id" || ' ' || "Name" AS row FROM s."T" ORDER BY "Id"`);
  return found.rows.map(({ row }) => row);
}

test("a batch is in the tables when write resolves, and again it changes nothing", async () => {
  const output = postgresOutput();
  await output.open?.(database.config, contextOf());
  await output.write(batch([1, "Insert", 1, "a"], [2, "Insert", 2, "b"], [3, "Update", 1, "c"]), contextOf());
  expect(await rows()).toEqual(["1 c", "2 b"]);
  await output.write(batch([1, "Insert", 1, "a"], [4, "Delete", 2, "b"], [5, "Insert", "no number", "x"]), contextOf());
  expect(await rows()).toEqual(["1 c"]);
  expect(warned.join()).toContain("1 changes went to the dead letters");
  await output.close?.();
});

test("an output with an older token of the task's lease can't write, whoever gave it", async () => {
  const [older, newer] = [postgresOutput(), postgresOutput()];
  await older.open?.(database.config, contextOf("5"));
  await older.write(batch([10, "Insert", 10, "older"]), contextOf("5"));
  await newer.open?.(database.config, contextOf("6"));
  await expect(older.write(batch([11, "Update", 10, "too late"]), contextOf("5"))).rejects.toMatchObject({
    code: "CDC_LEASE_LOST",
  });
  await newer.write(batch([12, "Update", 10, "newer"]), contextOf("6"));
  expect(await rows()).toContain("10 newer");
  await expect(postgresOutput().open?.(database.config, contextOf("5"))).rejects.toMatchObject({
    code: "CDC_LEASE_LOST",
  });
  await older.close?.();
  await newer.close?.();
});

test.each([
  [{}, "no host is set for PostgreSQL"],
  [{ connection_string: "nonsense" }, "the connection string of PostgreSQL can't be read"],
  [{ tabel: "x" }, "tabel is no setting of the output postgres"],
])("%j is refused", (config, text) => {
  expect(postgresProblem(config)).toContain(text);
});
