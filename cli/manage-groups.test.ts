import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EditedExample, removeExamples } from "../test/harness/edited-example";

const SOURCE_GROUPS = "source-groups.yaml";
let example: EditedExample;

beforeEach(() => {
  example = new EditedExample("db-per-tenant");
});

afterAll(removeExamples);

const cdc = (...argv: string[]) => example.cdc(...argv);
const change = (...argv: string[]) => example.change(...argv);
const refusal = (...argv: string[]) => example.refusal(SOURCE_GROUPS, ...argv);
const text = (file = SOURCE_GROUPS) => example.text(file);

describe("source groups", () => {
  test("list and show say what the file says, variables and passwords not put in", async () => {
    expect((await cdc("msog", "list")).stdout).toMatch(/clinics +db-per-tenant +3 +hospital/);
    expect((await cdc("msog", "show", "clinics")).stdout).toMatch(/skog +prod +Clinic_Skog +hospital/);
    const { stdout } = await cdc("msog", "show", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ group: "clinics", servers: [{ server: "hospital", environments: 6 }] });
    expect(stdout).not.toContain("PASSWORD");
    expect((await cdc("msog", "customers", "list")).stdout).toMatch(/elv +dev=Clinic_Elv_Dev, prod=Clinic_Elv/);
    expect((await cdc("msog", "servers", "list")).stdout).toContain("${MSSQL_HOST:-127.0.0.1}");
    expect((await cdc("msog", "show", "clinix")).stderr).toContain('Did you mean "clinics"?');
    expect((await cdc("msog", "validate")).stdout).toContain("valid: service clinic");
  });

  test("a customer is written like those before it; removed again: the same bytes", async () => {
    const before = text();
    const values = ["--schemas", "dbo", "--set", "customer_id=0b6f0c1e-5d0a-4f5e-9a55-6f1d2c7b8e01", "number=007"];
    const databases = ["--database", "dev=North_Dev", "prod=North"];
    await change("msog", "customers", "add", "north", "--server", "hospital", ...databases, ...values);
    expect(text()).toBe(`${before}    north:
      schemas: [dbo]
      customer_id: 0b6f0c1e-5d0a-4f5e-9a55-6f1d2c7b8e01
      number: "007"
      dev: { server: hospital, database: North_Dev }
      prod: { server: hospital, database: North }
`);
    expect((await cdc("validate")).stdout).toContain("4 schemas, 20 tables");
    await change("msog", "customers", "remove", "north");
    expect(text()).toBe(before);
  });

  test("a customer that services name, or without what templates need, is refused and said where", async () => {
    expect(await refusal("msog", "customers", "remove", "fjord")).toContain("services/clinic.yaml: reference: fjord");
    expect(await refusal("msog", "customers", "remove", "skg")).toContain('Did you mean "skog"?');
    expect(await refusal("msog", "customers", "add", "x", "--database", "dev=X")).toContain("customer_id");
    expect(await refusal("msog", "customers", "add", "elv", "--database", "dev=X")).toContain("is there already");
    expect(await refusal("msog", "customers", "add", "x", "--database", "X")).toContain("name=value");
  });

  test("environments are set, changed and removed: the same bytes", async () => {
    const before = text();
    await change("msog", "environments", "set", "elv", "test", "--server", "hospital", "--database", "Elv_Test");
    expect(text()).toContain("      test: { server: hospital, database: Elv_Test }\n");
    await change("msog", "environments", "set", "elv", "test", "--database", "Elv_T2", "--target-sink-env", "later");
    expect(text()).toContain("test: { server: hospital, database: Elv_T2, target_sink_env: later }\n");
    await change("msog", "environments", "remove", "elv", "test");
    expect(text()).toBe(before);
    expect(await refusal("msog", "environments", "remove", "elv", "tset")).toContain("elv has no environment tset");
    expect(
      await refusal("msog", "environments", "set", "elv", "dev", "--database", "x", "--server", "hopsital"),
    ).toContain('Did you mean "hospital"?');
  });

  test("a server is added without a password in clear, refused while it is used, and removed: the same bytes", async () => {
    const before = text();
    const server = ["msog", "servers", "add", "second", "--host", "db2", "--port", "1444", "--user", "${U:-cdc}"];
    const told = await refusal(...server, "--password", "hunter2-secret");
    expect(told).toContain("never written into a file");
    expect(told).not.toContain("hunter2");
    await change(...server, "--password", "${DB2_PASSWORD}");
    expect(text()).toContain(
      "    second:\n      host: db2\n      port: 1444\n      user: ${U:-cdc}\n      password: ${DB2_PASSWORD}\n",
    );
    await change("msog", "environments", "set", "elv", "dev", "--database", "Clinic_Elv_Dev", "--server", "second");
    expect(await refusal("msog", "servers", "remove", "second")).toContain("source-groups.yaml: elv, environment dev");
    await change("msog", "environments", "set", "elv", "dev", "--database", "Clinic_Elv_Dev", "--server", "hospital");
    await change("msog", "servers", "remove", "second");
    expect(text()).toBe(before);
  });
});

test("a password that stands in the file is not shown", async () => {
  const path = join(example.cwd, "source-groups.yaml");
  writeFileSync(path, text().replace("${MSSQL_PASSWORD:-}", "hunter2 secret # why"));
  const server = ["msog", "servers", "add", "b", "--host", "h", "--password", "${P}", "--dry-run"];
  const { code, stdout } = await cdc(...server);
  expect(code).toBe(1);
  expect(stdout).toContain("password: [secret]# why");
  expect(stdout).toContain("+      password: ${P}\n");
  writeFileSync(path, text().replace(/password: .*/, "password: ${PASSWORD:-}"));
  expect((await cdc(...server)).stdout).toContain("password: ${PASSWORD:-}\n");
  writeFileSync(path, text().replace(/password: .*/, "password: ${MSSQL_PASSWORD:-hunter2}"));
  expect((await cdc(...server, "--json")).stdout).not.toContain("hunter2");
});

describe("sink groups", () => {
  const FILE = "sink-groups.yaml";

  /** The sink names no databases of its own any more. */
  async function moveDatabases(): Promise<void> {
    await change("msig", "add", "main", "--source-group", "clinics", "--pattern", "db-shared");
    await change("msig", "databases", "set", "main", "clinic", "dev=${CLINIC_DATABASE:-clinic_dev}", "prod=clinic");
    await change("ms", "sinks", "remove-database", "clinic", "main.clinic", "dev", "prod");
  }

  test("the file is made with its first group, and the configuration reads its databases", async () => {
    expect((await cdc("msig", "list")).stdout).toBe("no sink groups\n");
    await moveDatabases();
    expect(text(FILE)).toBe(`main:
  source_group: clinics
  pattern: db-shared
  sources:
    clinic:
      dev:
        database: \${CLINIC_DATABASE:-clinic_dev}
      prod:
        database: clinic
`);
    expect(text("services/clinic.yaml")).not.toContain("databases:");
    expect((await cdc("validate", "-s", "prod")).stdout).toContain("valid: service clinic (db-per-tenant, prod)");
    expect((await cdc("msig", "show")).stdout).toMatch(/clinic +prod +clinic/);
    expect((await cdc("msig", "databases", "list", "--json")).stdout).toContain(
      '"environment":"prod","database":"clinic"',
    );
  });

  test("what sinks have their databases from is refused, and said where", async () => {
    await moveDatabases();
    const stderr = await refusal("msig", "remove", "main");
    expect(stderr).toContain("services/clinic.yaml: sink main.clinic has its database of dev, prod from there");
    expect(await refusal("msig", "databases", "remove", "main", "clinic", "dev")).toContain(
      "has no database in environment dev",
    );
    await change("ms", "sinks", "set-database", "clinic", "main.clinic", "dev=d", "prod=p");
    await change("msig", "databases", "remove", "main", "clinic", "dev", "prod");
    expect(text(FILE)).toBe("main:\n  source_group: clinics\n  pattern: db-shared\n");
    await change("msig", "remove", "main");
    expect(existsSync(join(example.cwd, FILE))).toBe(false);
  });

  test("servers and unknown names are handled as in source groups", async () => {
    writeFileSync(join(example.cwd, FILE), "# ours\nmain: {} # one\nother:\n  servers:\n    a: {host: h}\n");
    await change("msig", "servers", "add", "b", "--host", "h2", "--group", "other");
    expect(text(FILE)).toBe("# ours\nmain: {} # one\nother:\n  servers:\n    a: {host: h}\n    b: {host: h2}\n");
    await change("msig", "servers", "remove", "b", "--group", "other");
    await change("msig", "remove", "other");
    expect(text(FILE)).toBe("# ours\nmain: {} # one\n");
    expect((await cdc("msig", "add", "x", "--source-group", "clinic")).stderr).toContain('Did you mean "clinics"?');
    expect((await cdc("msig", "databases", "set", "main", "clnic", "dev=x")).stderr).toContain(
      'Did you mean "clinic"?',
    );
    expect((await cdc("msig", "databases", "set", "mian", "clinic", "dev=x")).stderr).toContain('Did you mean "main"?');
  });
});
