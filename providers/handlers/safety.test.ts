import { METADATA_COLUMNS } from "../../model/metadata-columns";
import { closePools } from "../../databases/postgres/pool";
import { createTestDatabase } from "../../test/harness/database";
import { engineLab } from "../../test/harness/engine-lab";
import { Engine } from "../../test/harness/provider";
import { column, sinkTable } from "../../test/harness/sink-model";
import { releaseLocks } from "./deploy-lock";
import { UNKNOWN } from "./dynamic-provider";
import { cdcManagement, sinkSchema, sinkTable as provider } from ".";

const lab = engineLab();

const ID = column("Id", "bigint", { nullable: false });
const METADATA = METADATA_COLUMNS.map(({ name, type }) => `${name} ${type}`).join(", ");

describe("create over an existing table", () => {
  test("adds what is missing, keeps what is extra, and widens without losing rows", async () => {
    await lab.db
      .query(`CREATE SCHEMA adopted; CREATE TABLE adopted."T" ("Id" bigint PRIMARY KEY, "Name" varchar(10), theirs int NOT NULL);
      INSERT INTO adopted."T" VALUES (1, 'one', 7)`);
    const columns = [ID, column("Name", "varchar(50)"), column("Amount", "numeric(8,2)")];
    const made = await lab.engine.up(
      "sinkTable",
      lab.engine.tableInputs(sinkTable("adopted", "T", { columns })).sinkTable,
    );
    expect(made.outputs["kept"]).toEqual(["theirs"]);
    lab.engine.newRun();
    expect((await lab.engine.refresh("sinkTable", made))?.outputs).toEqual(made.outputs);
    await lab.db.query(`INSERT INTO adopted."T" ("Id", "Name") VALUES (2, 'a name of more than ten')`);
    expect((await lab.db.query(`SELECT theirs, "Amount" FROM adopted."T" ORDER BY "Id"`)).rows).toEqual([
      { theirs: 7, Amount: null },
      { theirs: null, Amount: null },
    ]);
  });

  test("refuses a type that cannot become the one wanted, naming the column", async () => {
    await lab.db.query(`CREATE SCHEMA unlike; CREATE TABLE unlike."T" ("Id" bigint PRIMARY KEY, "Name" bytea)`);
    const columns = [ID, column("Name", "integer")];
    const making = lab.engine.up("sinkTable", lab.engine.tableInputs(sinkTable("unlike", "T", { columns })).sinkTable);
    await expect(making).rejects.toThrow(/table unlike\.T cannot become.*columns\.Name/);
  });
});

describe("a target that belongs to somebody else", () => {
  const table = (schema: string) =>
    sinkTable(schema, "T", {
      columns: [ID, column("Name", "varchar(50)"), column("Amount", "numeric(8,2)")],
      targetExists: true,
    });

  test("that is missing is an error that says so", async () => {
    await lab.engine.up("sinkSchema", lab.engine.schemaInputs("absent"));
    const making = lab.engine.up("sinkTable", lab.engine.tableInputs(table("absent")).sinkTable);
    await expect(making).rejects.toThrow(/absent\.T does not exist, but the configuration says target_exists/);
  });

  test("is never altered: every column that is missing or unfit is listed", async () => {
    await lab.db.query(
      `CREATE SCHEMA unfit; CREATE TABLE unfit."T" ("Id" bigint PRIMARY KEY, "Name" varchar(10), ${METADATA})`,
    );
    const making = lab.engine.up("sinkTable", lab.engine.tableInputs(table("unfit")).sinkTable);
    await expect(making).rejects.toThrow(
      /columns\.Name: .*varchar\(10\).*columns\.Amount: .*ADD COLUMN "Amount" numeric\(8,2\)/,
    );
  });

  test("that fits is used as it is, gets staging and merge, and outlives destroy", async () => {
    await lab.db.query(`CREATE SCHEMA fit;
      CREATE TABLE fit."T" ("Id" bigint PRIMARY KEY, "Name" text, "Amount" numeric(10,2), own text, ${METADATA})`);
    const inputs = lab.engine.tableInputs(table("fit"), { allowDrop: true });
    const before = await describeTable("fit");
    const made = await lab.engine.up("sinkTable", inputs.sinkTable);
    const staging = await lab.engine.up("stagingTable", inputs.stagingTable);
    const merge = await lab.engine.up("mergeProcedure", inputs.mergeProcedure);
    lab.engine.newRun();
    expect((await lab.engine.refresh("sinkTable", made))?.outputs).toEqual(made.outputs);
    await lab.db.query(
      `INSERT INTO fit."stg_T" ("Id", "Name", __cdc_operation, __cdc_position) VALUES (1, 'one', 'c', '\\x01')`,
    );
    await lab.db.query(`CALL fit."sp_merge_T"()`);
    expect((await lab.db.query(`SELECT "Name" FROM fit."T"`)).rows).toEqual([{ Name: "one" }]);
    await lab.engine.destroy("mergeProcedure", merge);
    await lab.engine.destroy("stagingTable", staging);
    await lab.engine.destroy("sinkTable", made);
    expect(await describeTable("fit")).toEqual(before);
  });

  test("that loses a column is found by refresh", async () => {
    const inputs = lab.engine.tableInputs(table("fit")).sinkTable;
    const made = await lab.engine.up("sinkTable", inputs);
    await lab.db.query(`ALTER TABLE fit."T" DROP COLUMN "Amount"`);
    lab.engine.newRun();
    const found = await lab.engine.refresh("sinkTable", made);
    expect(found?.outputs["columns"]).not.toHaveProperty("Amount");
    await expect(lab.engine.up("sinkTable", inputs, found)).rejects.toThrow(/no column Amount/);
  });

  async function describeTable(schema: string) {
    const found = await lab.db.query(
      "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = $1 AND table_name = 'T' ORDER BY 1",
      [schema],
    );
    return found.rows;
  }
});

describe("delete", () => {
  test("refuses a schema that holds what we do not manage", async () => {
    const made = await lab.engine.up("sinkSchema", lab.engine.schemaInputs("shared"));
    await lab.db.query("CREATE TABLE shared.theirs (a int)");
    await expect(lab.engine.destroy("sinkSchema", made)).rejects.toThrow(/schema shared still holds theirs/);
    expect((await lab.db.query("SELECT to_regclass('shared.theirs') IS NOT NULL AS there")).rows).toEqual([
      { there: true },
    ]);
  });

  test("keeps the history of a management schema that is to be retained, and takes it up again", async () => {
    const other = await createTestDatabase();
    const own = new Engine(other.config);
    const inputs = own.managementInputs({ retain: true });
    const made = await own.up("cdcManagement", inputs);
    await other.query(
      "INSERT INTO cdc_management.leases (name, holder, token, expires_at) VALUES ('l', 'h', 1, now())",
    );
    await own.destroy("cdcManagement", made);
    own.newRun();
    const again = await own.up("cdcManagement", inputs);
    expect(again.outputs).toEqual(made.outputs);
    expect((await other.query("SELECT name FROM cdc_management.leases")).rows).toEqual([{ name: "l" }]);
    await releaseLocks();
    await closePools();
    await other.drop();
    new Engine(lab.db.config).newRun();
  });

  test("of anything in a database that is gone is done", async () => {
    const made = await lab.engine.up("sinkSchema", lab.engine.schemaInputs("gone"));
    const elsewhere = { ...made, outputs: { ...made.outputs, database: "no_such_database" } };
    await lab.engine.destroy("sinkSchema", elsewhere);
    expect(await lab.engine.refresh("sinkSchema", elsewhere)).toBeUndefined();
  });
});

describe("check", () => {
  const inputs = () =>
    lab.engine.tableInputs(sinkTable("checked", "T")).sinkTable as unknown as Record<string, unknown>;

  test.each([
    ["a type that isn't one", { columns: { Id: "bigint not null", x: "int); DROP TABLE y" } }, "columns.x"],
    ["an empty name", { table: "" }, "table"],
    ["a name that PostgreSQL would cut", { table: "x".repeat(64) }, "table"],
    ["a key that is no column", { key: ["Nope"] }, "key"],
  ])("reports %s at its property", async (_title, change, property) => {
    const { failures } = await provider.check({}, { ...inputs(), ...change });
    expect(failures.map((failure) => failure.property)).toContain(property);
  });

  test("reports a type change that has no conversion", async () => {
    const olds = { ...inputs(), columns: { Id: "bigint not null", x: "bytea" } };
    const news = { ...inputs(), columns: { Id: "bigint not null", x: "integer" } };
    const { failures } = await provider.check(olds, news);
    expect(failures.map((failure) => failure.property)).toEqual(["columns.x"]);
  });

  test("never lets a resource move to another database: that would leave its rows behind", async () => {
    const { failures } = await provider.check(inputs(), { ...inputs(), database: "other" });
    expect(failures).toEqual([
      { property: "database", reason: expect.stringContaining("leave this one behind") as string },
    ]);
  });

  test("waits with values that are not known yet", async () => {
    const news = { ...inputs(), database: UNKNOWN };
    expect((await provider.check({}, news)).failures).toEqual([]);
    expect((await provider.diff("id", inputs(), news)).changes).toBe(true);
  });

  test("asks the database nothing, and neither does diff", async () => {
    const news = { ...inputs(), connection: "sink:dev:nowhere", database: "no_such_database" };
    expect((await provider.check({}, news)).failures).toEqual([]);
    expect((await provider.diff("id", inputs(), { ...inputs(), allowDrop: true })).changes).toBe(true);
  });
});

describe("state", () => {
  test("of an older program is accepted", async () => {
    const made = await lab.engine.up("sinkSchema", lab.engine.schemaInputs("aged"));
    const { schemaVersion: _version, ...older } = made.outputs;
    expect((await sinkSchema.diff(made.id, older, made.inputs)).changes).toBe(false);
    expect((await sinkSchema.read(made.id, older)).id).toBe(made.id);
  });

  test("of a newer program is refused with the remedy", async () => {
    const newer = { ...lab.engine.schemaInputs("aged"), schemaVersion: 99 };
    await expect(sinkSchema.read("id", newer)).rejects.toThrow(/newer version of pulumi-cdc.*Update pulumi-cdc/);
  });

  test("holds no secret and no SQL, and at most 2 KB on average", async () => {
    const columns = [ID, ...Array.from({ length: 24 }, (_, index) => column(`Column_${String(index)}`, "varchar(50)"))];
    const inputs = lab.engine.tableInputs(sinkTable("small", "T", { columns }));
    await lab.engine.up("sinkSchema", lab.engine.schemaInputs("small"));
    const kept = [
      await lab.engine.up("sinkTable", inputs.sinkTable),
      await lab.engine.up("stagingTable", inputs.stagingTable),
      await lab.engine.up("mergeProcedure", inputs.mergeProcedure),
    ];
    const text = JSON.stringify(kept);
    expect(text.length / kept.length).toBeLessThan(2048);
    expect(text).not.toContain(lab.db.config.password);
    expect(text).not.toMatch(/CREATE|SELECT/);
  });
});

test("an error names place, object and remedy in one message, without a stack or the password", async () => {
  const request = { config: { get: () => JSON.stringify({ ...lab.db.config, password: "wrong-secret" }) } };
  await cdcManagement.configure(request);
  const failure = await sinkSchema.create(lab.engine.schemaInputs("x")).catch((error: unknown) => error as Error);
  expect((failure as Error).message).toMatch(/127\.0\.0\.1:\d+\/test_\w+ as \w+ .*password was refused.*cdc:sink/s);
  expect(`${(failure as Error).message}${(failure as Error).stack ?? ""}`).not.toMatch(/wrong-secret|\n\s+at /);
  new Engine(lab.db.config).newRun();
});
