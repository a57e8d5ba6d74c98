import { closePools } from "../databases/postgres/pool";
import { SAMPLED_TYPES } from "../test/arbitraries/sql-values";
import { createTestDatabase, type TestDatabase } from "../test/harness/database";
import { deployTables } from "../test/harness/deploy-tables";
import { column } from "../test/harness/sink-model";
import { empty, event, merge, rows, sent, twins } from "../test/harness/twin-tables";
import { retryDeadLetters } from "./retry-dead-letters";

const HARD = twins("Hard", {
  columns: [
    column("h", "integer", { nullable: false }),
    column("k", "integer", { nullable: false }),
    column("n", "numeric(8,2)"),
  ],
  key: ["h", "k"],
});
const TYPES = twins("Types", {
  columns: [
    column("id", "integer", { nullable: false }),
    ...SAMPLED_TYPES.map((type, index) => column(`c${String(index)}`, type)),
    column("required", "varchar(3)", { nullable: false }),
  ],
  key: ["id"],
});

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await deployTables(database, [...HARD, ...TYPES]);
});

afterAll(async () => {
  await closePools();
  await database.drop();
});

describe("events that come through Kafka", () => {
  test("arrive through Kafka Connect's JDBC sink as well, ours and Debezium's", async () => {
    await empty(database, TYPES);
    const [, kafka] = TYPES;
    const index = (type: string) => `c${String(SAMPLED_TYPES.indexOf(type))}`;
    const [day, clock, big] = [index("date"), index("time(6)"), index("bigint")];
    const [text, bytes] = [index("text"), index("bytea")];
    const source = { db: "D", schema: "dbo", table: "T", change_lsn: "00000000:00000000:0007", ts_ms: 1234 };
    const debezium = (op: string, lsn: number, before: object | null, after: object | null): string =>
      JSON.stringify({
        op,
        before,
        after,
        source: { ...source, commit_lsn: `00000000:00000000:000${String(lsn)}` },
      }).replace('"BIG"', "9007199254740993");
    const row = {
      id: 1,
      required: "x",
      [day]: "2024-02-29Z",
      [clock]: "10:11:12.1234567Z",
      [big]: "BIG",
      [text]: "kept",
      [bytes]: "0a",
    };
    const events = [
      debezium("c", 1, null, row),
      debezium(
        "u",
        2,
        { ...row, [text]: null },
        { ...row, required: "y", [big]: "__debezium_unavailable_value", [text]: null, [bytes]: null },
      ),
      debezium("r", 3, null, { id: 2, required: "r" }),
      `{"payload":${debezium("d", 4, { id: 2, required: "r" }, null)},"schema":{}}`,
      JSON.stringify(event("Insert", { id: 3, required: "z" }, 9)),
      ...["no json", '{"neither":1}', "null", "5", ""],
    ];
    await database.query(
      `UPDATE cdc_management.merge_control SET unregistered_at = now() WHERE schema_name <> 'kafka' OR table_name <> 'Types'`,
    );
    await database.query(
      `INSERT INTO cdc_management.kafka_inbox (topic, "partition", "offset", "timestamp", event)
       SELECT 't', 0, n, 'epoch', e FROM unnest($1::text[]) WITH ORDINALITY AS e (e, n)`,
      [events],
    );
    await merge(database, kafka);
    await database.query("UPDATE cdc_management.merge_control SET unregistered_at = NULL");
    expect(await rows(database, kafka)).toMatchObject([
      {
        id: 1,
        required: "y",
        [day]: "2024-02-29",
        [clock]: "10:11:12.123456",
        [text]: "kept",
        [bytes]: null,
        __source_ts_ms: 1234,
      },
      { id: 3, required: "z" },
    ]);
    const exact = await database.query(`SELECT "${big}"::text AS big FROM kafka."Types" WHERE id = 1`);
    expect(exact.rows).toEqual([{ big: "9007199254740993" }]);
    const left = await database.query(
      "SELECT (SELECT count(*)::int FROM cdc_management.kafka_inbox) AS inbox, count(*)::int AS dead FROM cdc_management.dead_letters",
    );
    expect(left.rows).toEqual([{ inbox: 0, dead: 4 }]);
  });

  test("may be staged by the application role, and a dead one retried by the native path", async () => {
    await empty(database, HARD);
    const [, kafka] = HARD;
    const role = `app_${database.config.database}`;
    await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    await deployTables(database, [kafka], role);
    const app = await database.connect({ user: role, password: "secret" });
    const bad = event("Insert", { h: 1, k: 5, n: "12345678" }, 3);
    const values = [
      "kafka",
      "Hard",
      "p",
      JSON.stringify(sent(kafka)),
      JSON.stringify([event("Insert", { h: 1, k: 4 }, 2), bad]),
    ];
    const { rows: told } = await app.query<{ r: unknown }>(
      "SELECT cdc_management.stage_events($1,$2,$3,$4,$5) AS r",
      values,
    );
    expect(told).toEqual([{ r: { staged: 1, dead: 1 } }]);
    await app.query(`INSERT INTO cdc_management.kafka_inbox (topic, event) VALUES ('t', '{"x":1}')`);
    await app.end();
    await database.query(
      'ALTER TABLE kafka."Hard" ALTER COLUMN n TYPE numeric(12,2); ALTER TABLE kafka."stg_Hard" ALTER COLUMN n TYPE numeric(12,2)',
    );
    await database.query(
      `UPDATE cdc_management.merge_control SET shape = replace(shape::text, 'numeric(8,2)', 'numeric(12,2)')::jsonb WHERE schema_name = 'kafka'`,
    );
    const { failed } = await retryDeadLetters(database.config, { table: "kafka.Hard" });
    expect(failed).toEqual([]);
    expect(await rows(database, kafka)).toMatchObject([{ k: 4 }, { k: 5, n: 12345678 }]);
    await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
});
