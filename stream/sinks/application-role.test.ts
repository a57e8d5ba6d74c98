import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import type { PgConfig } from "../../databases/postgres/config";
import { closePools } from "../../databases/postgres/pool";
import { queryRows } from "../../databases/postgres/run";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { sinkTable } from "../../test/harness/sink-model";
import { loadEnvelopes } from "../load";
import { mergePending } from "../merge-pending";
import { retryDeadLetters } from "../retry-dead-letters";
import { openPostgresSink } from "./postgres";

const ROLE = `loader_${randomBytes(4).toString("hex")}`;
const PASSWORD = "only for this test";

let database: TestDatabase;
let config: PgConfig;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.query(`CREATE ROLE ${ROLE} LOGIN PASSWORD '${PASSWORD}'`);
  await deployTables(database, [sinkTable("s", "T")], ROLE);
  config = { ...database.config, user: ROLE, password: PASSWORD };
});

afterAll(async () => {
  await closePools();
  await database.query(`DROP OWNED BY ${ROLE} CASCADE; DROP ROLE ${ROLE}`);
  await database.drop();
});

describe("an application role made by the grants", () => {
  test("can load, merge and retry", async () => {
    const of = (LSN: string, data: object): string =>
      `${JSON.stringify({ data, metadata: { TableName: "T", OperationType: "Insert", LSN: LSN.padStart(20, "0") } })}\n`;
    const sink = await openPostgresSink(config, { pipeline: "app" });
    const lines = of("1", { Id: 1, Name: "a" }) + of("2", { Id: 2, Name: "x".repeat(60) });
    const result = await loadEnvelopes(sink, Readable.from([Buffer.from(lines)]));
    await sink.close();
    expect(result).toMatchObject({ committed: 2, dead: 1, merged: { inserted: 1 } });
    expect(await retryDeadLetters(config)).toMatchObject({ tried: 1, resolved: 0 });
    expect(await mergePending(config)).toEqual([]);
  });

  test.each([
    [`DROP TABLE s."T"`],
    [`CREATE TABLE s.mine (n int)`],
    [`UPDATE s."T" SET "Name" = 'x'`],
    [`DELETE FROM s."stg_T"`],
    [`UPDATE cdc_management.merge_control SET procedure_name = 'x(); DROP TABLE y; --'`],
    [`UPDATE cdc_management.checkpoints SET position = NULL`],
    [`DELETE FROM cdc_management.dead_letters`],
    [`UPDATE cdc_management.leases SET token = 0`],
  ])("cannot run %s", async (statement) => {
    await expect(queryRows(config, statement)).rejects.toMatchObject({ code: "CDC_PG_PERMISSION" });
  });
});
