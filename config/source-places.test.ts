import { removeProjects, writeProject } from "../test/fixtures/project";
import { sourcePlaces, type PlaceOptions } from "./source-places";

const GROUPS = `clinics:
  pattern: db-per-tenant
  MORE
  servers:
    main: { host: "\${HOST}", port: "\${PORT:-1433}", user: reader, password: "\${PASSWORD:-}", encrypt: false }
    other: { host: other }
  sources:
    avansas: { dev: { server: main, database: A_Dev }, prod: { server: other, database: A } }
    fretex: { dev: { database: F_Dev } }
`;
const SERVICE = `clinic:
  REFERENCE
  source: { MORE tables: { dbo.Actor: {} } }
  sinks: { main.clinic: { database: x, tables: { Actor: {} } } }
`;

afterAll(removeProjects);

function places(
  written: { readonly group?: string; readonly service?: string; readonly source?: string },
  options: Partial<PlaceOptions> = {},
) {
  const directory = writeProject({
    "source-groups.yaml": GROUPS.replace("  MORE\n", written.group === undefined ? "" : `  ${written.group}\n`),
    "services/clinic.yaml": SERVICE.replace("REFERENCE", written.service ?? "description: x").replace(
      "MORE",
      written.source === undefined ? "" : `${written.source},`,
    ),
  });
  return sourcePlaces(directory, { service: "clinic", defaultEnvironment: "dev", env: {}, ...options });
}

describe("the database that inspection reads", () => {
  const avansas = { source: "avansas", server: "main", database: "A_Dev" };
  const fretex = { source: "fretex", server: "main", database: "F_Dev" };

  test.each([
    ["the reference of the service", { service: "reference: fretex" }, {}, fretex],
    ["the database_ref of the group, as a source", { group: "database_ref: avansas" }, {}, avansas],
    ["the database_ref of the group, as a database", { group: "database_ref: F_Dev" }, {}, fretex],
    ["the reference before the group's", { service: "reference: fretex", group: "database_ref: avansas" }, {}, fretex],
    [
      "the validation_database of the service",
      { service: "reference: fretex", source: "validation_database: Copy" },
      {},
      { source: "Copy", server: "main", database: "Copy" },
    ],
    ["what is asked for", { service: "reference: fretex" }, { source: "avansas" }, avansas],
    [
      "the database of another environment",
      { service: "reference: avansas", group: "validation_env: prod" },
      {},
      { source: "avansas", server: "other", database: "A" },
    ],
    [
      "that of the environment asked for",
      { service: "reference: avansas", group: "validation_env: prod" },
      { environment: "dev" },
      avansas,
    ],
  ])("is %s", (_, written, options, expected) => {
    expect(places(written, options).reference).toEqual(expected);
  });

  test("must be chosen where several could be meant", () => {
    expect(() => places({})).toThrow("does not say which source of group clinics");
    expect(() => places({ service: "reference: fretex" }, { environment: "prod" })).toThrow(
      "the reference fretex of service clinic has no database in environment prod",
    );
    expect(() => places({}, { environment: "test" })).toThrow("no source of group clinics has a database");
  });

  test("is one of SQL Server", () => {
    expect(() => places({ service: "reference: fretex", group: "type: postgres" })).toThrow("is of type postgres");
  });

  test("all of the environment are there to compare, with their servers, variables resolved", () => {
    const found = places({ service: "reference: fretex" }, { env: { PORT: "1500", PASSWORD: "s3cret" } });
    expect(found.all).toEqual([avansas, fretex]);
    const main = { port: "1500", user: "reader", password: "s3cret", encrypt: "false" };
    expect(found.servers).toEqual({ main, other: { host: "other" } });
  });
});
