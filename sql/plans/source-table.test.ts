import { planFor } from ".";
import { packList } from "./packed";
import type { SourceTableProps } from "./source-props";
import {
  freeInstanceName,
  nextInstanceName,
  planSourceTable,
  type SourceInstance,
  type SourceTablePlan,
  type SourceTableState,
} from "./source-table";

const props = (columns: readonly string[], more: Partial<SourceTableProps> = {}): SourceTableProps => ({
  schemaVersion: 1,
  connection: "source:dev:s",
  address: {},
  database: "Shop",
  manage: true,
  schema: "dbo",
  table: "Actor",
  captured: packList([...columns].sort()),
  netChanges: false,
  snapshot: "initial",
  sinks: "",
  ...more,
});
const instance = (name: string, columns: readonly string[], more: Partial<SourceInstance> = {}): SourceInstance => {
  return { name, schema: "dbo", table: "Actor", columns, netChanges: false, dropPending: false, order: name, ...more };
};
const state = (
  instances: readonly SourceInstance[],
  ours: readonly string[] = [],
  inUse: readonly string[] = [],
): SourceTableState => {
  return { instances, taken: instances.map(({ name }) => name), ours, inUse: new Set(inUse) };
};

describe("the capture of a table", () => {
  test("is made where there is none, of just the columns that are wanted, whatever their names", () => {
    const plan = planSourceTable(props(["Id", "It's, [odd]"], { role: "o'role", filegroup: "FG" }), state([]));
    expect(plan).toMatchObject({ instance: "dbo_Actor", make: true, remove: [] });
    expect((plan as SourceTablePlan).statements).toEqual([
      [
        "EXEC sys.sp_cdc_enable_table",
        "  @source_schema = N'dbo',",
        "  @source_name = N'Actor',",
        "  @role_name = N'o''role',",
        "  @capture_instance = N'dbo_Actor',",
        "  @supports_net_changes = 0,",
        "  @captured_column_list = N'[Id], [It''s, [odd]]]',",
        "  @filegroup_name = N'FG'",
      ].join("\n"),
    ]);
  });

  test.each<[string, SourceInstance, object]>([
    ["with more columns", instance("dba", ["Id", "Name", "More"]), { instance: "dba", make: false }],
    ["with fewer columns", instance("dba", ["Id"]), { instance: "dbo_Actor_2", make: true }],
    ["that is being removed", instance("dba", ["Id", "Name"], { dropPending: true }), { make: true }],
    ["with another role", instance("dba", ["Id", "Name"], { role: "x" }), { instance: "dba", make: false }],
  ])("somebody else's instance %s", (_words, one, expected) => {
    expect(planSourceTable(props(["Id", "Name"]), state([one]))).toMatchObject(expected);
  });

  test("net changes that are wanted need an instance that has them", () => {
    const wanted = props(["Id"], { netChanges: true });
    expect(planSourceTable(wanted, state([instance("dba", ["Id"])]))).toMatchObject({ make: true });
  });

  const two = [instance("dbo_Actor", ["Id"]), instance("dbo_Actor_2", ["Id", "Name"])];
  const ours = ["dbo_Actor", "dbo_Actor_2"];
  test.each<[string, readonly string[] | undefined, readonly string[]]>([
    ["nobody ever streamed it", [], ["dbo_Actor"]],
    ["every stream reads the newer one", ["dbo_Actor_2"], ["dbo_Actor"]],
    ["a stream reads the older one", ["dbo_Actor", "dbo_Actor_2"], []],
    ["a stream has named none yet", [""], []],
    ["a sink cannot be asked", undefined, []],
  ])("of two instances of ours, the older one goes or stays when %s", (_words, inUse, remove) => {
    const plan = planSourceTable(props(["Id", "Name"]), { ...state(two, ours), inUse: inUse && new Set(inUse) });
    expect(plan).toMatchObject({ instance: "dbo_Actor_2", make: false, remove });
  });

  test.each<[string, readonly string[], readonly string[] | undefined, string]>([
    ["somebody else's", ["dbo_Actor_2"], [], "not-ours"],
    ["still read", ours, ["dbo_Actor"], "in-use"],
    ["perhaps still read", ours, undefined, "unknown"],
  ])("a third instance is refused when the older one is %s", (_words, own, inUse, why) => {
    const plan = planSourceTable(props(["Id", "More"]), { ...state(two, own), inUse: inUse && new Set(inUse) });
    expect(plan).toMatchObject({ why, older: { name: "dbo_Actor" }, newer: { name: "dbo_Actor_2" } });
  });

  test("with two instances, columns that nobody wants any more can wait", () => {
    expect(planSourceTable(props(["Id"]), state(two, ["dbo_Actor_2"], ["dbo_Actor"]))).toMatchObject({ make: false });
  });
});

describe("names of capture instances", () => {
  test("go on from the highest number that the table has or had", () => {
    expect(nextInstanceName("dbo", "A", [], [])).toBe("dbo_A");
    expect(nextInstanceName("dbo", "A", ["dbo_A"], [])).toBe("dbo_A_2");
    expect(nextInstanceName("dbo", "A", ["dbo_A_7", "dbo_A_x"], ["DBO_A_8"])).toBe("dbo_A_9");
  });

  test("are free in the database, and short enough for it", () => {
    // dbo_a.b and dbo.a_b are different tables.
    expect(freeInstanceName("dbo_a", "b", ["dbo_a_b"])).toBe("dbo_a_b_2");
    const long = freeInstanceName("s".repeat(60), "t".repeat(60), []);
    expect(long).toHaveLength(90);
    expect(long).not.toBe(freeInstanceName("s".repeat(60), `${"t".repeat(60)}x`, []));
  });
});

test("a preview tells which columns come and go, with the statement", () => {
  const olds = { ...props(["Id", "Old"]), instances: ["dbo_Actor"], enabledByUs: true };
  const plan = planFor("pulumi-nodejs:dynamic/cdc:SourceTableCdc", olds, props(["Id", "New"]) as never);
  expect(plan?.changes.map(({ kind, object }) => `${kind} ${object}`)).toEqual([
    "CAPTURE_COLUMN_ADDED Shop.dbo.Actor.New",
    "CAPTURE_COLUMN_REMOVED Shop.dbo.Actor.Old",
  ]);
  expect(plan?.statements).toHaveLength(1);
  expect(plan?.statements[0]).toContain("@capture_instance = N'dbo_Actor_2'");
  const gone = planFor("pulumi-nodejs:dynamic/cdc:SourceTableCdc", olds, undefined);
  expect(gone?.statements[0]).toContain("sp_cdc_disable_table");
});
