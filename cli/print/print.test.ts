import { createColors } from "picocolors";
import { CdcError } from "../../lib/errors";
import { BRIEF_LOCK, hazardWith } from "../../model/hazard";
import type { Plan } from "../../sql/plan";
import type { Sql } from "../../sql/sql";
import { describeHazard } from "../../model/hazard";
import { changeLines, type ChangeStyle } from "./changes";
import { errorText, shown } from "./error";
import type { ResourceEvent } from "./nouns";
import { paintFor } from "./paint";
import { openProgress, progressLine } from "./progress";
import { propertyDiff } from "./property-diff";
import { redact } from "./redact";
import { table } from "./table";
import { Tally } from "./tally";

const PLAIN = createColors(false);
const TABLE = "pulumi-nodejs:dynamic/cdc:SinkTable";

function step(over: Partial<ResourceEvent> = {}): ResourceEvent {
  const { newProperties = { schema: "avansas", table: "Actor", columns: { id: "integer" } }, ...rest } = over;
  const event = { kind: "resource", urn: "u", type: TABLE, name: "n", operation: "update", durationMs: 4 } as const;
  return { ...event, newProperties, ...rest };
}

const ADDED: Plan = {
  changes: [
    {
      kind: "COLUMN_ADDED",
      severity: "info",
      object: "avansas.Actor.Note",
      summary: "column Note text is added",
      hazard: hazardWith("short", BRIEF_LOCK),
      sql: ['ALTER TABLE "avansas"."Actor"\n  ADD COLUMN "Note" text' as Sql],
    },
  ],
  statements: [],
  failures: [],
};

function style(over: Partial<ChangeStyle> = {}): ChangeStyle {
  return { paint: PLAIN, planner: () => ADDED, showSql: false, done: false, ...over };
}

describe("a step of a run", () => {
  test("is told by column with its hazard, and with its SQL when asked", () => {
    const told = changeLines(step(), style({ showSql: true })).join("\n");
    expect(told).toBe(
      [
        "~ table             avansas.Actor",
        "    COLUMN_ADDED column Note text is added [ACCESS EXCLUSIVE lock: readers and writers wait for a moment; short]",
        '      ALTER TABLE "avansas"."Actor"',
        '        ADD COLUMN "Note" text',
      ].join("\n"),
    );
  });

  test("is told property by property when no plan is known", () => {
    const event = step({
      oldProperties: { schema: "avansas", table: "Actor", columns: { id: "bigint" }, gone: 1 },
      changed: ["columns"],
    });
    expect(changeLines(event, style({ planner: () => undefined }))).toEqual([
      "~ table             avansas.Actor",
      "    ~ columns.id: bigint -> integer",
    ]);
  });

  test("is silent when nothing changes, and for what only groups others", () => {
    expect(changeLines(step({ operation: "same" }), style())).toEqual([]);
    expect(changeLines(step({ operation: "create", type: "cdc:index:CdcPipeline" }), style())).toEqual([]);
  });

  test("is told in one line when a table is made or removed as a whole, without planning it", () => {
    const planner = () => {
      throw new Error("was planned");
    };
    const properties = { schema: "avansas", table: "Actor", columns: { id: "integer", a: "text" }, key: ["id"] };
    const made = step({ operation: "create", newProperties: properties });
    expect(changeLines(made, style({ planner }))).toEqual(["+ table             avansas.Actor  2 columns, key (id)"]);
    const removed = step({ operation: "delete", oldProperties: properties, newProperties: properties });
    expect(changeLines(removed, style({ planner, done: true }))).toEqual([
      "- table             avansas.Actor  with its rows 4 ms",
    ]);
    expect(changeLines(made, style({ showSql: true })).join("\n")).toContain("ALTER TABLE");
  });

  test("says so when what leaves the stack stays in the database", () => {
    const removed = step({ operation: "delete", oldProperties: { schema: "a", table: "T", targetExists: true } });
    expect(changeLines(removed, style())).toEqual(["= table             avansas.Actor  stays as it is"]);
    const kept = step({ operation: "delete", urn: "kept" });
    expect(changeLines(kept, style({ kept: new Set(["kept"]) }))[0]).toContain("stays as it is");
  });

  test("names every hazard", () => {
    expect(describeHazard({ lock: "SHARE", rewrite: false, dataLoss: true, work: "builds an index" })).toBe(
      "SHARE lock: writers wait while an index is built; loses stored values",
    );
  });

  test("counts in the summary by kind", () => {
    const tally = new Tally();
    for (const operation of ["create", "create", "same", "update"] as const) tally.add(step({ operation }));
    tally.add(step({ operation: "create", type: "pulumi:pulumi:Stack" }));
    expect(tally.text("preview")).toBe("to create: 2 tables · to update: 1 table · unchanged: 1");
    expect(tally.text("up")).toContain("created: 2 tables");
    expect(new Tally().text("up")).toBe("no changes");
  });
});

describe("property diff", () => {
  test("goes into objects and ignores the order of keys", () => {
    expect(propertyDiff({ a: { x: 1, y: 2 }, b: [1] }, { b: [1], a: { y: 2, x: 3 }, c: null })).toEqual([
      { path: "a.x", before: 1, after: 3 },
      { path: "c", after: null },
    ]);
  });
});

describe("an error", () => {
  test("that the user can mend shows message and hint, no stack", () => {
    const found = shown(new CdcError("CDC_X", "no such thing", { hint: "Make one." }));
    expect(errorText(found, PLAIN)).toBe("error: no such thing\nhint: Make one.");
  });

  test("of the system is told in words with its path", () => {
    const error = Object.assign(new Error("EROFS: read-only"), { code: "EROFS", syscall: "open", path: "/state/x" });
    expect(errorText(shown(error), PLAIN)).toMatch(/^error: \/state\/x: the file system is read-only\nhint: /);
  });

  test("that is a bug says so and has a stack", () => {
    const text = errorText(shown(new TypeError("x is not a function")), PLAIN);
    expect(text).toContain("This is a bug in cdc");
    expect(text).toMatch(/^\s+at /m);
  });

  test("never quotes a secret of the environment", () => {
    const env = { PG_DEV_PASSWORD: "s3cr3t-pw", PULUMI_CONFIG_PASSPHRASE: "horse", PWD: "/work", PG_X_PASSWORD: "ab" };
    expect(redact("s3cr3t-pw and horse in /work ab", env)).toBe("[secret] and [secret] in /work ab");
  });
});

describe("output", () => {
  test("is coloured only on a terminal without NO_COLOR", () => {
    const terminal = { write: () => true, isTTY: true };
    expect(paintFor(terminal, {}, true).isColorSupported).toBe(true);
    expect(paintFor(terminal, { NO_COLOR: "1" }, true).isColorSupported).toBe(false);
    expect(paintFor(terminal, {}, false).isColorSupported).toBe(false);
    expect(paintFor({ write: () => true }, {}, true).isColorSupported).toBe(false);
  });

  test("aligns tables without borders", () => {
    expect(
      table(
        ["A", "LONG"],
        [
          ["xx", "1"],
          ["y", "2"],
        ],
      ),
    ).toBe("A   LONG\nxx  1\ny   2");
  });

  test("shows progress with count and rate", () => {
    const state = { label: "updating dev", done: 420, total: 3100, startedMs: 0 };
    expect(progressLine(state, 2000)).toBe("updating dev · 420/3100 · 210/s · 2 s");
    expect(progressLine(state, 2000, 13)).toBe("updating dev");
    expect(progressLine({ ...state, total: 7 }, 2000)).toBe("updating dev · 420 · 210/s · 2 s");
  });

  test("leaves no trace of progress outside a terminal when a run is short", () => {
    let written = "";
    const progress = openProgress({ write: (text: string) => (written += text) }, "x");
    progress.add();
    progress.end();
    expect(written).toBe("");
  });
});
