import { config, column, customer, keyColumn, sinkTable, sourceTable, type ConfigParts } from "../test/fixtures/config";
import { buildPipeline } from "./build-pipeline";
import { mergeCaptures } from "./merge-captures";
import type { SourceServerConfig } from "./config";

const at = { file: "source-groups.yaml", path: ["clinics", "servers", "s"] };
const server = (more: Partial<SourceServerConfig> = {}): SourceServerConfig => {
  return { address: { host: "db" }, passwordInFile: false, at, ...more };
};
const actor = sourceTable("dbo.Actor", [
  keyColumn("Id"),
  column("Name", "nvarchar(50)"),
  column("Secret", "nvarchar(50)"),
  column("Twice", "int", { computed: true }),
]);
const sources = ["north", "south"].map((name) => customer(name, { server: "s" }));

function captured(parts: ConfigParts, group: object = {}) {
  const built = config({ sources, sourceTables: [actor], sinkTables: [sinkTable("{{SCHEMA}}.Actor")], ...parts });
  const whole = { ...built, group: { ...built.group, servers: { s: server() }, ...group } };
  const { model, problems } = buildPipeline(whole);
  return { capture: model.capture, notes: model.notes, problems };
}

describe("what is captured", () => {
  test("is every customer's database, with the columns that the sink takes and without computed ones", () => {
    const { capture, problems } = captured({ sourceTables: [{ ...actor, ignoreColumns: ["Secret"] }] });
    expect(problems).toEqual([]);
    expect(capture).toEqual(
      ["north", "south"].map((name) => ({
        environment: "dev",
        server: "s",
        address: { host: "db" },
        database: `Clinic_${name}`,
        tenants: [name],
        settings: { manage: true, netChanges: false },
        tables: [{ schema: "dbo", table: "Actor", columns: ["Id", "Name"], snapshot: "initial" }],
        sinks: [{ name: "main.clinic", database: "clinic_dev" }],
      })),
    );
  });

  test("has the source's key, although the sink has another", () => {
    const table = sinkTable("public.people", {
      from: { table: "Actor" },
      targetExists: true,
      columns: { nick: "Name" },
    });
    const { capture } = captured({ sinkTables: [{ ...table, primaryKey: ["nick"] }] });
    expect(capture[0]?.tables[0]?.columns).toEqual(["Id", "Name"]);
  });

  test("leaves an ignored key alone, save for net changes, which need it", () => {
    const keyless = { ...actor, ignoreColumns: ["Id"], primaryKey: ["Name"] };
    const columns = (capture: object) =>
      captured({ sourceTables: [keyless] }, { capture }).capture[0]?.tables[0]?.columns;
    expect(columns({ manage: true, netChanges: false })).toEqual(["Name", "Secret"]);
    expect(columns({ manage: true, netChanges: true })).toEqual(["Id", "Name", "Secret"]);
  });

  test("is the same table once, in a database that several share", () => {
    const shared = sources.map(({ environments, ...source }) => {
      const dev = { ...environments["dev"], database: "Clinics", values: { server: "s" }, at };
      return { ...source, environments: { dev } };
    });
    const { capture } = captured({ sources: shared });
    expect(capture).toMatchObject([{ database: "Clinics", tenants: ["north", "south"], tables: [{ table: "Actor" }] }]);
  });

  test("is the more careful snapshot and every column where two services want one table", () => {
    const [one] = captured({ sourceTables: [{ ...actor, snapshot: "when_needed", ignoreColumns: ["Name"] }] }).capture;
    const [other] = captured({ sourceTables: [{ ...actor, snapshot: "never", ignoreColumns: ["Secret"] }] }).capture;
    if (one === undefined || other === undefined) throw new Error("nothing is captured");
    expect(mergeCaptures([other, one])[0]?.tables).toEqual([
      { schema: "dbo", table: "Actor", columns: ["Id", "Name", "Secret"], snapshot: "when_needed" },
    ]);
  });

  test("is nothing for databases of another kind, or without a server; the latter is told", () => {
    expect(captured({}, { type: "postgres" }).capture).toEqual([]);
    const { capture, notes } = captured({ sources: [customer("north"), customer("south", { server: "s" })] });
    expect(capture.map(({ tenants }) => tenants)).toEqual([["south"]]);
    expect(notes).toMatchObject([
      { severity: "info", text: expect.stringContaining("not deployed for north") as string },
    ]);
  });

  test("needs a server that is declared", () => {
    const { problems } = captured({}, { servers: { ss: server() } });
    expect(problems.map(({ text, hint }) => [text, hint])).toContainEqual([
      "source group clinics has no server s",
      expect.stringContaining("ss") as string,
    ]);
  });

  test("warns of a password that is written in the file", () => {
    const { notes } = captured({}, { servers: { s: server({ passwordInFile: true }) } });
    expect(notes).toMatchObject([{ severity: "warning", object: "clinics.s" }]);
  });
});
