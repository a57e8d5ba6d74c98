import { loadConfig, validateConfig } from ".";
import { writeProject } from "../test/fixtures/project";

const files = (group: string, source = "") => ({
  "source-groups.yaml": `clinics:
  pattern: db-per-tenant
${group}
  sources:
    north: { schemas: [dbo], dev: { server: main, database: North } }
`,
  "services/clinic.yaml": `clinic:
  source:
${source}
    tables:
      dbo.Actor: { snapshot: never }
  sinks:
    main.clinic:
      database: clinic
      tables:
        "{{SCHEMA}}.Actor":
`,
  "services/_schemas/clinic/dbo/Actor.yaml": `schema: dbo
table: Actor
columns:
  - { name: Id, type: int, nullable: false, primary_key: true }
`,
});
const groupOf = (text: string, env = {}) => loadConfig(writeProject(files(text)), { env }).group;
const problemsOf = (group: string, source?: string) =>
  validateConfig(writeProject(files(group, source)), { env: {} }).problems.map(
    ({ file, line, text, hint }) => `${file}:${line ?? 0} ${text}: ${hint ?? ""}`,
  );

describe("servers of a source group", () => {
  test("are read with their variables, and with the name of the password's variable instead of it", () => {
    const text = `  servers:
    main: { host: "\${DB_HOST:-db}", port: 1434, user: "\${DB_USER:-sa}", password: "\${DB_PASSWORD:-}", encrypt: false, trust_server_certificate: true }`;
    const env = { DB_HOST: "sql", DB_PASSWORD: "hush" };
    const { servers } = groupOf(text, env);
    expect(servers?.["main"]).toMatchObject({
      passwordInFile: false,
      address: {
        host: "sql",
        port: "1434",
        user: "sa",
        encrypt: "false",
        trustServerCertificate: "true",
        passwordVariable: "DB_PASSWORD",
      },
    });
    expect(JSON.stringify(servers)).not.toContain("hush");
  });

  test.each([
    ["hush", undefined],
    ["${DB_PASSWORD:-hush}", "DB_PASSWORD"],
    ["a${DB_PASSWORD}", undefined],
  ])("a password %s in the file is known to be there, and is not taken along", (password, variable) => {
    const { servers } = groupOf(`  servers: { main: { host: db, password: "${password}" } }`);
    expect(servers?.["main"]).toMatchObject({ passwordInFile: true });
    expect(servers?.["main"]?.address.passwordVariable).toBe(variable);
    expect(JSON.stringify(servers)).not.toContain("hush");
  });

  test("a variable that is not set leaves the setting to the stack", () => {
    const { servers } = groupOf('  servers: { main: { host: db, user: "${DB_USER}" } }');
    expect(servers?.["main"]?.address).toEqual({ host: "db" });
  });
});

describe("capture and snapshot", () => {
  test("have defaults", () => {
    expect(groupOf("  capture: { role: readers }").capture).toEqual({
      manage: true,
      role: "readers",
      netChanges: false,
    });
    const { service } = loadConfig(writeProject(files("", "    snapshot: when_needed")), { env: {} });
    expect([service.snapshot, service.sourceTables[0]?.snapshot]).toEqual(["when_needed", "never"]);
  });

  test.each([
    ["  capture: { mange: false }", undefined, 'source-groups.yaml:3 unknown key "mange": did you mean "manage"?'],
    ["  capture: { role: '' }", undefined, "source-groups.yaml:3 is empty: "],
    ["", "    snapshot: inital", 'services/clinic.yaml:3 "inital" is not allowed: did you mean "initial"?'],
    [
      "  servers: { mian: { host: db } }",
      undefined,
      'source-groups.yaml:5 source group clinics has no server main: did you mean "mian"?',
    ],
  ])("%j %j is refused with its line and the nearest word", (group, source, expected) => {
    expect(problemsOf(group, source)).toContainEqual(expected);
  });
});
