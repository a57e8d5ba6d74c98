import { join } from "node:path";
import fc from "fast-check";
import type { Config } from "../../model/config";
import { loadConfig } from "..";
import * as edit from ".";

const EXAMPLES = join(__dirname, "../../examples");

/** A change, what takes it back, and what it means for the loaded configuration. */
interface Change {
  readonly title: string;
  readonly service: string;
  readonly make: (folder: edit.EditedFolder) => void;
  readonly undo: (folder: edit.EditedFolder) => void;
  readonly meaning: (config: Plain) => unknown;
}

/** A part of the loaded configuration without places in files, to be changed by a test. */
type Placeless<T> = T extends readonly (infer U)[]
  ? Placeless<U>[]
  : T extends object
    ? { -readonly [K in keyof T as K extends "at" ? never : K]: Placeless<T[K]> }
    : T;
type Plain = Placeless<Config>;

function inService(
  service: string,
  title: string,
  steps: (text: edit.ServiceText) => edit.YamlStep[],
  back: (text: edit.ServiceText) => edit.YamlStep[],
  meaning: (config: Plain) => unknown,
): Change {
  const within = (change: typeof steps) => (folder: edit.EditedFolder) => {
    const text = edit.openService(folder, service);
    folder.edit(text.file, change(text));
  };
  return { title, service, make: within(steps), undo: within(back), meaning };
}

function inGroup(
  service: string,
  title: string,
  steps: (text: edit.GroupText) => edit.YamlStep[],
  back: (text: edit.GroupText) => edit.YamlStep[],
  meaning: (config: Plain) => unknown,
): Change {
  const within = (change: typeof steps) => (folder: edit.EditedFolder) => {
    const text = edit.openGroup(folder, "source", undefined);
    folder.edit(text.file, change(text));
  };
  return { title, service, make: within(steps), undo: within(back), meaning };
}

const sink = (config: Plain) => config.service.sinks[0]!;
const sinkTable = (config: Plain, key: string) => sink(config).tables.find((one) => one.key === key)!;
const sourceTable = (config: Plain, name: string) => config.service.sourceTables.find(({ table }) => table === name)!;

function ignoring(service: string, key: string, columns: string[]): Change {
  return inService(
    service,
    `ignore ${columns.join(", ")} of ${key}`,
    (text) => edit.ignoreColumns(text, key, columns),
    (text) => edit.unignoreColumns(text, key, columns),
    (config) => sourceTable(config, key.split(".")[1] ?? "").ignoreColumns.push(...columns),
  );
}

function mapping(service: string, where: string, key: string, columns: Record<string, string>): Change {
  return inService(
    service,
    `rename ${Object.keys(columns).join(", ")} of ${key}`,
    (text) => edit.mapColumns(text, where, key, columns),
    (text) => edit.unmapColumns(text, where, key, Object.keys(columns)),
    (config) => Object.assign(sinkTable(config, key).columns, columns),
  );
}

function attaching(service: string, where: string, key: string, template: string): Change {
  return inService(
    service,
    `attach ${template} to ${key}`,
    (text) => edit.attachTemplate(text, where, key, template, {}),
    (text) => edit.detachTemplate(text, where, key, template),
    (config) => sinkTable(config, key).templates.push({ template }),
  );
}

function customer(
  service: string,
  name: string,
  source: edit.NewSource,
  environments: Plain["group"]["sources"][number]["environments"],
): Change {
  return inGroup(
    service,
    `add customer ${name}`,
    (group) => edit.addSource(group, name, source),
    (group) => edit.removeSource(group, name),
    (config) => config.group.sources.push({ name, environments }),
  );
}

const sinkTableDefaults = { targetExists: false, columns: {}, templates: [], transforms: [] };

const CLINIC: readonly Change[] = [
  ignoring("clinic", "dbo.Visit", ["Room"]),
  ignoring("clinic", "dbo.Patient", ["Email", "it's: odd"]),
  ignoring("clinic", "dbo.TreatmentCode", ["Price"]),
  mapping("clinic", "main.clinic", "{{SCHEMA}}.practitioner", { title: "Title", "a b": "x: y" }),
  mapping("clinic", "main.clinic", "{{SCHEMA}}.Visit", { no: "VisitNo" }),
  attaching("clinic", "main.clinic", "{{SCHEMA}}.treatment_code", "customer_id"),
  customer(
    "clinic",
    "north",
    { schemas: ["dbo"], values: { customer_id: "007" }, environments: { dev: { server: "hospital", database: "N" } } },
    { dev: { database: "N", values: { server: "hospital", database: "N", customer_id: "007" } } },
  ),
  inService(
    "clinic",
    "add a sink",
    (text) => edit.addSink(text, "reports.clinic", { databases: { dev: "${REPORTS:-reports}" }, onDelete: "soft" }),
    (text) => edit.removeSink(text, "reports.clinic"),
    (config) =>
      config.service.sinks.push({
        ...sink(config),
        name: "reports.clinic",
        database: "reports",
        onDelete: "soft",
        tables: [],
      }),
  ),
  inService(
    "clinic",
    "add a sink table",
    (text) => edit.addSinkTable(text, "main.clinic", "public.all_staff", { from: "dbo.Staff", primaryKey: ["a", "b"] }),
    (text) => edit.removeSinkTable(text, "main.clinic", "public.all_staff"),
    (config) =>
      sink(config).tables.push({
        ...sinkTableDefaults,
        key: "public.all_staff",
        schema: "public",
        table: "all_staff",
        from: { schema: "dbo", table: "Staff" },
        primaryKey: ["a", "b"],
      }),
  ),
  inService(
    "clinic",
    "name the database of another environment",
    (text) => edit.setDatabases(text, "main.clinic", { test: "clinic_test" }),
    (text) => edit.removeDatabases(text, "main.clinic", ["test"]),
    () => undefined,
  ),
];

const DIRECTORY: readonly Change[] = [
  ignoring("directory", "dbo.Team", ["Name"]),
  ignoring("directory", "dbo.Person", ["Phone"]),
  mapping("directory", "main.platform", "{{SCHEMA}}.team", { note: "Note, or {so}" }),
  mapping("directory", "main.platform", "{{SCHEMA}}.person", { note: "Note" }),
  attaching("directory", "main.platform", "{{SCHEMA}}.team", "source_table"),
  attaching("directory", "main.platform", "{{SCHEMA}}.person", "third"),
];

const SCHEDULING: readonly Change[] = [
  ignoring("scheduling", "booking.Room", ["Floor"]),
  mapping("scheduling", "main.platform", "Booking", { from_time: "FromTime" }),
  attaching("scheduling", "main.platform", "Room", "first_seen"),
];

const SETS = [
  { example: "db-per-tenant", changes: CLINIC },
  { example: "db-shared", changes: DIRECTORY },
  { example: "db-shared", changes: SCHEDULING },
];

/** Some changes of one example, in some order. */
const someChanges = fc
  .constantFrom(...SETS)
  .chain(({ example, changes }) =>
    fc.shuffledSubarray([...changes], { minLength: 1 }).map((chosen) => ({ example, chosen })),
  );

function configOf(folder: edit.EditedFolder, service: string): Plain {
  const config: Config = loadConfig(folder.directory, { service, env: {}, edited: folder.edited });
  const text = JSON.stringify(config, (key, value: unknown) => (key === "at" ? undefined : value));
  return JSON.parse(text) as Plain;
}

describe("any changes of the examples", () => {
  test("mean what they say, keep every line and comment, and taken back in any order leave the original bytes", () => {
    fc.assert(
      fc.property(someChanges, fc.func(fc.nat()), ({ example, chosen }, order) => {
        const folder = new edit.EditedFolder(join(EXAMPLES, example));
        const service = chosen[0]?.service ?? "";
        const expected = configOf(folder, service);
        for (const change of chosen) {
          change.make(folder);
          change.meaning(expected);
        }
        expect(configOf(folder, service)).toEqual(expected);
        for (const { before = "", after = "" } of folder.changes()) expectKept(before, after);
        const back = chosen.map((change, index) => ({ change, rank: order(index) }));
        for (const { change } of back.sort((one, other) => one.rank - other.rank)) change.undo(folder);
        expect(folder.changes()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

/** Every line is still there, in order, be it with more in its braces; so is every comment. */
function expectKept(before: string, after: string): void {
  const lines = after.split("\n");
  let at = 0;
  for (const line of before.split("\n")) {
    const head = line.replace(/[\]}, ]*$/, "");
    const found = lines.findIndex(
      (one, index) => index >= at && (one === line || (/[[{]/.test(line) && one.startsWith(head))),
    );
    expect(found < 0 ? line : undefined).toBeUndefined();
    at = found + 1;
  }
  const comments = (text: string) => text.match(/#.*/g) ?? [];
  expect(comments(after)).toEqual(comments(before));
}
