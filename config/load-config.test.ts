import { CLINIC, removeProjects, writeProject } from "../test/fixtures/project";
import { loadConfig, loadPipelineModel, loadPipelineModels, validateConfig } from ".";

type Files = Parameters<typeof writeProject>[0];

const load = (files: Files, env = {}, more = {}) => loadPipelineModel(writeProject(files), { env, ...more });
const table = (files: Files, env = {}) => load(files, env).sinks[0]!.tables[0]!;
const replaced = (file: string, from: string, to: string) => ({ [file]: String(CLINIC[file]).replace(from, to) });
const SERVICE = "services/clinic.yaml";

describe("loading the configuration", () => {
  afterAll(removeProjects);

  test("a project that is right gives its model", () => {
    const actor = table({});
    expect(actor).toMatchObject({
      schema: "north",
      name: "Actor",
      key: ["actno"],
      tenant: "north",
      source: { database: "Clinic_North" },
    });
    expect(actor.columns.slice(0, 4).map(({ name, type }) => [name, type])).toEqual([
      ["actno", "integer"],
      ["Navn", "varchar(50)"],
      ["Amount", "numeric(10,2)"],
      ["_customer_id", "uuid"],
    ]);
    expect(actor.columns[3]?.constant).toBe("6f9619ff-8b86-4011-b42d-00c04fc964f1");
  });

  test("the older form of the service file says the same", () => {
    const older = `service: clinic\n${String(CLINIC[SERVICE]).replace("clinic:\n", "").replace(/^ {2}/gm, "")}`;
    expect(table({ [SERVICE]: older })).toEqual(table({}));
  });

  test("column-templates.yaml may lie beside source-groups.yaml", () => {
    const file = "services/_schemas/column-templates.yaml";
    expect(table({ [file]: undefined, "column-templates.yaml": CLINIC[file] })).toEqual(table({}));
  });

  test("databases per environment, from the sink or from sink-groups.yaml", () => {
    expect(load({}).sinks[0]?.database).toBe("clinic_dev");
    const groups = {
      "sink-groups.yaml": "main:\n  pattern: db-shared\n  sources:\n    clinic:\n      dev: { database: from_group }\n",
    };
    expect(
      load({ ...replaced(SERVICE, "      databases:\n        dev: clinic_dev\n", ""), ...groups }).sinks[0]?.database,
    ).toBe("from_group");
  });

  test("several sinks of a service", () => {
    const second = `    reports.clinic:\n      database: reports\n      staging: logged\n      manage: { role: true }\n      tables:\n        Actor:\n`;
    const { sinks } = load({ [SERVICE]: String(CLINIC[SERVICE]) + second });
    expect(sinks.map(({ name, database, manage }) => [name, database, manage.role])).toEqual([
      ["main.clinic", "clinic_dev", false],
      ["reports.clinic", "reports", true],
    ]);
    expect(sinks[1]?.tables[0]?.stagingLogged).toBe(true);
  });

  test("CDC_DB_USER is the application role unless the sink names one", () => {
    expect(load({}).sinks[0]?.applicationRole).toBe("postgres");
    expect(load({}, { CDC_DB_USER: "loader" }).sinks[0]?.applicationRole).toBe("loader");
    expect(
      load(replaced(SERVICE, "      databases", "      application_role: own\n      databases"), { CDC_DB_USER: "x" })
        .sinks[0]?.applicationRole,
    ).toBe("own");
  });

  test("type mapping files: own rules, alias types, and one column of one service", () => {
    const files = {
      "type-mapping.yaml": `mappings: { nvarchar: text, decimal: numeric }
aliases: { source: { Cash: money } }
services:
  clinic: { columns: { dbo.Actor: { actno: bigint } } }
  other: { mappings: { decimal: float8 } }
`,
      ...replaced("services/_schemas/clinic/dbo/Actor.yaml", "decimal(10, 2)", "dbo.Cash"),
    };
    expect(
      table(files)
        .columns.slice(0, 3)
        .map(({ type }) => type),
    ).toEqual(["bigint", "text", "numeric(19,4)"]);
  });

  test("source-type override, project map-mssql-pgsql.yaml: both have their effect on the types", () => {
    const files = {
      "services/_schemas/_definitions/map-mssql-pgsql.yaml":
        "metadata: { version: 1 }\naliases: { sink: { varchar: character varying } }\nmappings: { nvarchar: character varying, decimal: double precision }\n",
      "services/_schemas/_definitions/source-clinics-type-overrides.yaml":
        "overrides:\n  dbo.Actor:\n    actno: smallint\n    Navn: { type: nvarchar(20), reason: short }\n",
    };
    expect(
      table(files)
        .columns.slice(0, 3)
        .map(({ type }) => type),
    ).toEqual(["smallint", "varchar(20)", "double precision"]);
  });

  test("variables are put in, with defaults; a set one wins", () => {
    const files = replaced(SERVICE, "dev: clinic_dev", "dev: ${DB_PREFIX:-}clinic_${STAGE:-dev}");
    expect(load(files).sinks[0]?.database).toBe("clinic_dev");
    expect(load(files, { STAGE: "x", DB_PREFIX: "a_" }).sinks[0]?.database).toBe("a_clinic_x");
  });

  test("names with dots, brackets and slashes", () => {
    const name = "Order.Lines/2";
    const files = {
      [SERVICE]: String(CLINIC[SERVICE])
        .replace("dbo.Actor:", `"dbo.[${name}]":`)
        .replace('"{{SCHEMA}}.Actor"', `'{{SCHEMA}}."${name}"'`),
      "services/_schemas/clinic/dbo/Order.Lines%2F2.yaml": String(
        CLINIC["services/_schemas/clinic/dbo/Actor.yaml"],
      ).replace("Actor", `"${name}"`),
    };
    expect(table(files)).toMatchObject({ name, source: { table: name } });
  });

  test("env_mappings and target_sink_env say which sink a source goes to", () => {
    const groups = String(CLINIC["source-groups.yaml"]).replace("      dev:", "      test-1:");
    const mapped = groups.replace("  sources:", "  env_mappings: { test-1: dev }\n  sources:");
    expect(table({ "source-groups.yaml": mapped }).source.database).toBe("Clinic_North");
    const targeted = groups.replace("database: Clinic_North", "database: Clinic_North, target_sink_env: dev");
    expect(table({ "source-groups.yaml": targeted }).source.database).toBe("Clinic_North");
  });

  test("validating tells what is lost, left out and shortened, once for all customers", () => {
    const actor = "services/_schemas/clinic/dbo/Actor.yaml";
    const long = "A".repeat(70);
    const files = {
      ...replaced(SERVICE, '"{{SCHEMA}}.Actor":', `"{{SCHEMA}}.${long}":\n          from: dbo.Actor`),
      [actor]: `${String(CLINIC[actor])}  - name: At\n    type: datetime2(7)\n  - name: Sum\n    computed: true\n`,
      "source-groups.yaml":
        String(CLINIC["source-groups.yaml"]) +
        String(CLINIC["source-groups.yaml"]).split("\n").slice(3).join("\n").replace("north", "south"),
    };
    const { notes, problems } = validateConfig(writeProject(files), { env: {} });
    expect(problems).toEqual([]);
    expect(notes.map(({ object, text }) => `${object}: ${text}`)).toEqual([
      "dbo.Actor.Sum: computed column, which SQL Server does not capture: left out",
      expect.stringMatching(/^\{\{SCHEMA\}\}\.A{70}: longer than 63 bytes: stored as A{52}_[0-9a-f]{10}$/),
      expect.stringContaining("shortened: stg_"),
      "dbo.Actor.At: datetime2(7) keeps 6 of 7 fraction digits",
    ]);
  });

  test("a variable of the source server that is not set stops nothing, and is told", () => {
    const servers = "  servers:\n    main: { host: db, user: reader, password: '${SOURCE_PASSWORD}' }\n  sources:";
    const files = { "source-groups.yaml": String(CLINIC["source-groups.yaml"]).replace("  sources:", servers) };
    expect(load(files).sinks).toHaveLength(1);
    const directory = writeProject(files);
    const { problems, notes } = validateConfig(directory, { env: {} });
    expect(problems).toEqual([]);
    expect(notes[0]).toEqual({
      severity: "warning",
      object: "source-groups.yaml clinics.servers.main.password",
      text: "environment variable SOURCE_PASSWORD is not set: set it, or write ${SOURCE_PASSWORD:-default}",
    });
    expect(validateConfig(directory, { env: { SOURCE_PASSWORD: "s3cret" } }).notes).toEqual(notes.slice(1));
  });

  test("several services: all of them, or the one that is named", () => {
    const directory = writeProject({
      [`services/other.yaml`]: String(CLINIC[SERVICE])
        .replace("clinic:", "other:")
        .replace("main.clinic", "main.other"),
      "services/_schemas/other/dbo/Actor.yaml": CLINIC["services/_schemas/clinic/dbo/Actor.yaml"],
    });
    expect(loadPipelineModels(directory, { env: {} }).map(({ service }) => service)).toEqual(["clinic", "other"]);
    expect(loadPipelineModels(directory, { env: {} })[0]?.notes).toContainEqual({
      severity: "warning",
      object: "clinic_dev.north.Actor",
      text: "sink main.clinic of service clinic and sink main.other of service other both make it: they must not be on one server",
    });
    expect(loadConfig(directory, { env: {}, service: "other" }).service.name).toBe("other");
    expect(validateConfig(directory, { env: {} }).problems[0]?.text).toBe("there are several services: clinic, other");
  });
});
