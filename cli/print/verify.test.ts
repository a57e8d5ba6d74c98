import picocolors from "picocolors";
import type { VerifiedTable } from "../../stream/verify/differences";
import { wantedTables } from "../wanted-tables";
import { shapeOf } from "../../model/table-shape";
import { sinkTable } from "../../test/harness/sink-model";
import { verifyText } from "./verify";

const EQUAL: VerifiedTable = {
  source: "hospital/North",
  sourceTable: "dbo.Actor",
  schema: "north",
  table: "Actor",
  rows: 12,
  equal: true,
  counts: { missing: 0, extra: 0, different: 0, refused: 0 },
  differences: [],
  unsettled: 0,
  durationMs: 5,
};

test("a comparison is a line per table, and a line per row that differs", () => {
  const differs: VerifiedTable = {
    ...EQUAL,
    table: "Visit",
    equal: false,
    counts: { missing: 1, extra: 0, different: 3, refused: 1 },
    differences: [
      { kind: "missing", key: { Id: "2", Line: "A" } },
      { kind: "different", key: { Id: "3", Line: "B" }, columns: ["Name", "At"] },
      { kind: "refused", key: { Id: "4", Line: null }, reason: 'column "Line": is NULL' },
    ],
    remark: "the stream is behind",
  };
  const failed: VerifiedTable = {
    ...EQUAL,
    table: "Gone",
    equal: false,
    rows: 0,
    problem: {
      code: "CDC_SOURCE_NO_TABLE",
      message: "table dbo.Gone is not in database North",
      hint: "It was dropped.",
    },
  };
  const result = { equal: false, tables: [EQUAL, differs, failed], durationMs: 9 };
  expect(verifyText(result, picocolors.createColors(false))).toBe(
    [
      "TABLE        SOURCE                    ROWS  MISSING  EXTRA  DIFFERENT  REFUSED  CHANGING  RESULT",
      "north.Actor  hospital/North dbo.Actor  12    0        0      0          0        0         equal",
      "north.Visit  hospital/North dbo.Actor  12    1        0      3          1        0         differs",
      "north.Gone   hospital/North dbo.Actor  0     0        0      0          0        0         failed",
      "",
      "north.Visit (hospital/North)",
      "  the stream is behind",
      "  missing    Id = 2, Line = A",
      "  different  Id = 3, Line = B: Name, At",
      '  refused    Id = 4, Line = NULL: column "Line": is NULL',
      "",
      "north.Gone (hospital/North)",
      "  table dbo.Gone is not in database North",
      "  It was dropped.",
    ].join("\n"),
  );
});

test("tables are named as in the sink or the source, with or without their schema", () => {
  const shape = {
    ...shapeOf(sinkTable("north", "Actor_v2", { source: { schema: "dbo", table: "Actor" } })),
    tenant: "north",
  };
  const isWanted = (tables?: string[], tenants?: string[]): boolean => wantedTables(tables, tenants)(shape);
  for (const name of ["Actor_v2", "north.Actor_v2", "Actor", "dbo.Actor"]) expect(isWanted(["x", name])).toBe(true);
  expect(isWanted(["north.Actor"])).toBe(false);
  expect([isWanted(), isWanted(undefined, ["north"]), isWanted(undefined, ["south"])]).toEqual([true, true, false]);
});
