import { closePools } from "../../databases/postgres/pool";
import { catalogDump } from "../../test/harness/catalog-dump";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { column, sinkTable } from "../../test/harness/sink-model";
import { planFor } from ".";
import { cdcManagementProps, planCdcManagement } from "./cdc-management";
import { mergeProcedureProps } from "./from-model";
import { mergeProcedureOutputs, planMergeProcedure } from "./merge-procedure";
import { planSinkSchema } from "./sink-schema";

const PLACE = { connection: "c", database: "d" };
const props = cdcManagementProps(PLACE);
let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await closePools();
  await database.drop();
});

describe("the management schema", () => {
  test("is made again without harm, and holds every object of the contract", async () => {
    for (let time = 0; time < 2; time += 1) await run(planCdcManagement(undefined, props).statements);
    const { rows } = await database.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'cdc_management'::regnamespace AND relkind IN ('r', 'v')
       UNION SELECT proname FROM pg_proc WHERE pronamespace = 'cdc_management'::regnamespace ORDER BY 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        ...[
          "merge_control",
          "cdc_processing_log",
          "migration_history",
          "error_log",
          "checkpoints",
          "dead_letters",
          "tombstones",
        ],
        ...["v_merge_status", "v_recent_errors", "v_cdc_processing_gaps", "v_cdc_replication_lag", "v_dead_letters"],
        ...[
          "mark_table_for_merge",
          "trigger_pending_merges",
          "manual_merge",
          "leases",
          "merge_pending",
          "component_version",
        ],
        ...["sources", "source_tables", "record_source", "record_source_table", "v_sources", "v_source_tables"],
      ]),
    );
  });

  test("sends nothing when nothing has changed", () => {
    expect(planCdcManagement(props, props)).toEqual({ changes: [], statements: [], failures: [] });
  });

  test("keeps one row in the migration history per file, with or without a schema", async () => {
    await run(planCdcManagement(undefined, props).statements);
    const insert = (schema: string) =>
      database.query(`INSERT INTO cdc_management.migration_history (file_name, checksum, schema_name, category) VALUES ('f', 'x', ${schema}, 'c')
        ON CONFLICT (file_name, schema_name) DO UPDATE SET checksum = excluded.checksum`);
    for (const schema of ["NULL", "NULL", "'s'", "'s'"]) await insert(schema);
    expect((await database.query("SELECT FROM cdc_management.migration_history")).rows).toHaveLength(2);
  });

  test("brings a schema of version 1 to what an empty database gets", async () => {
    await run(planCdcManagement(undefined, props).statements);
    const wanted = await catalogDump(database.config);
    await database.query(`
      ALTER TABLE cdc_management.migration_history DROP COLUMN applied_by, DROP COLUMN execution_ms, DROP COLUMN outcome, DROP COLUMN tool_version;
      ALTER TABLE cdc_management.component_version DROP COLUMN definition, DROP COLUMN objects;
      DROP VIEW cdc_management.v_sources, cdc_management.v_source_tables;
      DROP TABLE cdc_management.sources, cdc_management.source_tables;
      INSERT INTO cdc_management.migration_history (file_name, checksum, category) VALUES ('f', 'x', 'table');
      UPDATE cdc_management.component_version SET version = 1`);
    await run(planCdcManagement(undefined, props).statements);
    expect(await catalogDump(database.config)).toBe(wanted);
    const { rows } = await database.query("SELECT outcome, applied_by FROM cdc_management.migration_history");
    expect(rows).toEqual([{ outcome: "applied", applied_by: null }]);
  });

  test("is not taken back by an older program", async () => {
    await run(planCdcManagement(undefined, props).statements);
    await database.query("UPDATE cdc_management.component_version SET version = 99");
    await expect(run(planCdcManagement(undefined, props).statements)).rejects.toMatchObject({ code: "CDC06" });
  });

  test("is dropped only when it serves no table; with retain its history stays", async () => {
    const table = sinkTable("s", "T");
    await deployTables(database, [table]);
    await expect(run(planCdcManagement(props, undefined).statements)).rejects.toMatchObject({ code: "CDC04" });
    await run(planMergeProcedure(mergeProcedureOutputs(mergeProcedureProps(table, PLACE)), undefined).statements);
    await database.query('DROP TABLE s."stg_T"');
    await run(planCdcManagement({ ...props, retain: true }, undefined).statements);
    expect((await database.query("SELECT FROM cdc_management.merge_control")).rows).toHaveLength(1);
    await run(planCdcManagement(props, undefined).statements);
    await run(planCdcManagement(props, undefined).statements);
    expect((await database.query("SELECT FROM pg_namespace WHERE nspname = 'cdc_management'")).rows).toEqual([]);
  });

  test("has its jobs when pg_cron is there", async () => {
    await database.query(`CREATE SCHEMA cron; CREATE TABLE cron.job (jobid serial, jobname text UNIQUE, schedule text, command text);
      CREATE FUNCTION cron.schedule(text, text, text) RETURNS integer LANGUAGE sql AS
        $$ INSERT INTO cron.job (jobname, schedule, command) VALUES ($1, $2, $3) ON CONFLICT (jobname) DO UPDATE SET schedule = $2 RETURNING jobid $$;
      CREATE FUNCTION cron.unschedule(integer) RETURNS boolean LANGUAGE sql AS $$ DELETE FROM cron.job WHERE jobid = $1 RETURNING true $$;
      INSERT INTO pg_extension SELECT (90000)::oid, 'pg_cron', extowner, extnamespace, false, '1', NULL, NULL FROM pg_extension LIMIT 1`);
    for (let time = 0; time < 2; time += 1) await run(planCdcManagement(undefined, props).statements);
    const jobs = () => database.query("SELECT schedule, command FROM cron.job ORDER BY jobid");
    expect((await jobs()).rows).toMatchObject([
      { schedule: "5 seconds", command: "CALL cdc_management.trigger_pending_merges()" },
      {},
    ]);
    for (const { command } of (await jobs()).rows as { command: string }[]) await database.query(command);
    await run(planCdcManagement(props, undefined).statements);
    expect((await jobs()).rows).toEqual([]);
    await database.query("DELETE FROM pg_extension WHERE extname = 'pg_cron'");
  });
});

describe("a sink schema", () => {
  test("is dropped when empty, and refused with the names of what it holds", async () => {
    const schema = { schemaVersion: 1, ...PLACE, name: "Cust 01" };
    await run(planSinkSchema(undefined, schema).statements);
    await database.query('CREATE TABLE "Cust 01".kept (i integer)');
    const { statements } = planSinkSchema(schema, undefined);
    await expect(run(statements)).rejects.toMatchObject({ code: "CDC04", message: "schema Cust 01 still holds kept" });
    await database.query('DROP TABLE "Cust 01".kept');
    for (let time = 0; time < 2; time += 1) await run(statements);
  });
});

describe("planFor", () => {
  test("finds the planner by the type token", () => {
    const schema = { schemaVersion: 1, ...PLACE, name: "s" };
    expect(planFor("pulumi-nodejs:dynamic/cdc:SinkSchema", undefined, schema)?.changes).toMatchObject([
      { kind: "SCHEMA_ADDED" },
    ]);
    expect(planFor("postgresql:index/role:Role", undefined, {})).toBeUndefined();
  });

  test("the merge procedure and its shape follow the properties", async () => {
    const table = sinkTable("s", "T", {
      columns: [column("Id", "integer", { nullable: false }), column("N", "text", { source: "Name" })],
    });
    await deployTables(database, [table]);
    const { rows } = await database.query("SELECT shape FROM cdc_management.merge_control");
    expect(rows).toMatchObject([
      {
        shape: {
          version: 1,
          table: "T",
          key: ["Id"],
          columns: [
            { name: "Id", source: "Id" },
            { name: "N", source: "Name" },
          ],
        },
      },
    ]);
    const { rows: routine } = await database.query(
      "SELECT encode(sha256(convert_to(prosrc, 'UTF8')), 'hex') AS hash FROM pg_proc WHERE proname = 'sp_merge_T'",
    );
    expect(routine).toEqual([{ hash: mergeProcedureOutputs(mergeProcedureProps(table, PLACE)).definition }]);
  });
});

async function run(statements: readonly string[]): Promise<void> {
  await database.query(statements.join("\n;\n"));
}
