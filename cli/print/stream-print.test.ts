import picocolors from "picocolors";
import { parseLsn } from "../../model/lsn";
import type { SourceProgress, StreamStatus, TableProgress } from "../../stream/stream-events";
import { durationText } from "./amounts";
import { openLiveScreen } from "./live-screen";
import { redactor } from "./redact";
import { eventLine, isWanted, progressDetails, recordOf } from "./stream-log";
import { streamSummary } from "./stream-summary";
import { streamLine } from "./stream-totals";
import { streamView } from "./stream-view";

const plain = picocolors.createColors(false);
const position = parseLsn("0x0000002a000001c80003")!;

function source(name: string, more: Partial<SourceProgress> = {}): SourceProgress {
  const counts = { events: 1_200, transactions: 30, commits: 7 };
  return { source: name, tenants: [name.split("/")[1]!], state: "streaming", position, lagMs: 300, ...counts, ...more };
}

function tableOf(table: string, more: Partial<TableProgress> = {}): TableProgress {
  const counts = { snapshotRows: 0, events: 600, deadLetters: 0 };
  return { source: "main/north", schema: "north", table, tenant: "north", state: "streaming", ...counts, ...more };
}

const DRIFT = { code: "CDC_SOURCE_DRIFT", message: "column Name was dropped", hint: "Run `cdc up`." };

const STATUS: StreamStatus = {
  pipeline: "stream",
  eventsPerSecond: 1_234.4,
  sources: [
    source("main/north"),
    source("main/south", {
      state: "retrying",
      lagMs: 75_000,
      problem: { code: "CDC_X", message: "cannot be reached" },
    }),
  ],
  tables: [
    tableOf("Actor"),
    tableOf("Film", { state: "stopped", problem: DRIFT, deadLetters: 2 }),
    tableOf("Store", { state: "snapshot", snapshotRows: 5_000, snapshotTotal: 12_400 }),
  ],
};

const STYLE = {
  paint: plain,
  stack: "dev",
  runningMs: 65_400,
  rates: new Map([["main/north", 40]]),
  columns: 200,
  lines: 30,
};

describe("amounts", () => {
  test.each([
    [undefined, "-"],
    [0, "0 s"],
    [4, "0.1 s"],
    [300, "0.3 s"],
    [4_000, "4 s"],
    [9_960, "10 s"],
    [59_700, "1 min"],
    [200_000, "3 min 20 s"],
    [3_600_000, "1 h"],
    [7_500_000, "2 h 5 min"],
    [273_600_000, "3 d 4 h"],
  ])("%p milliseconds are %p", (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

describe("the live view", () => {
  test("shows totals, the worst source first, and the tables that have something to tell", () => {
    expect(streamView(STATUS, STYLE)).toEqual([
      "stream of dev · 1,234 rows/s · lag 1 min 15 s · sources: 1 streaming, 1 retrying · 1 min 5 s",
      "SOURCE      TENANTS  STATE      ROWS/S  LAG         POSITION                CHANGES",
      "main/south  south    retrying   0       1 min 15 s  0x0000002a000001c80003  1,200  cannot be reached",
      "main/north  north    streaming  40      0.3 s       0x0000002a000001c80003  1,200",
      "tables: 1 streaming, 1 stopped, 1 snapshot · 2 dead letters",
      "  north.Film  stopped  column Name was dropped",
      "  north.Store  snapshot  5,000 rows, 40 %",
    ]);
  });

  test("keeps to the width and height of the terminal, and says what it leaves out", () => {
    const sources = Array.from({ length: 26 }, (_, index) => source(`main/db${String(index)}`));
    const tables = Array.from({ length: 100 }, (_, index) => tableOf(`T${String(index)}`, { state: "waiting" }));
    const lines = streamView({ ...STATUS, sources, tables }, { ...STYLE, columns: 40, lines: 20 });
    expect(lines.length).toBeLessThanOrEqual(20);
    expect(lines.every((line) => line.length < 40)).toBe(true);
    expect(lines.filter((line) => line.includes("and "))).toEqual(["  and 17 more sources", "  and 94 more tables"]);
  });

  test("is a few lines before the first source is known", () => {
    expect(streamView({ pipeline: "stream", eventsPerSecond: 0, sources: [], tables: [] }, STYLE)).toEqual([
      "stream of dev · 0 rows/s · lag - · sources: none · 1 min 5 s",
      "tables: none",
    ]);
  });

  test("cuts a line before it is coloured, so that no colour is left open", () => {
    const paint = picocolors.createColors(true);
    const lines = streamView(STATUS, { ...STYLE, paint, columns: 20 });
    expect(lines.filter((line) => line.includes("\u001b")).every((line) => /\u001b\[(22|39)m$/.test(line))).toBe(true);
  });
});

describe("the screen", () => {
  test("is drawn over itself, and lines above it stay", () => {
    let written = "";
    const screen = openLiveScreen({ write: (text: string) => (written += text) });
    screen.draw(["one", "two"]);
    screen.draw(["three"]);
    screen.above("stays");
    screen.draw(["four"]);
    screen.clear();
    expect(written).toBe("one\ntwo\n\u001b[2A\r\u001b[0Jthree\n\u001b[1A\r\u001b[0Jstays\nfour\n\u001b[1A\r\u001b[0J");
  });
});

describe("lines", () => {
  test("a plain line tells rates, lag and states", () => {
    expect(streamLine(STATUS)).toBe(
      "1,234 rows/s, lag 1 min 15 s (main/south), 2,400 changes, 5,000 snapshot rows; " +
        "sources: 1 streaming, 1 retrying; tables: 1 streaming, 1 stopped, 1 snapshot",
    );
  });

  const EVENT = {
    level: "warn",
    event: "table.stopped",
    text: "stopped",
    source: "main/north",
    table: "north.Film",
  } as const;
  const NOON = new Date("2026-11-21T12:00:00.000Z");

  test("an event is a line with time, level, source and table", () => {
    expect(eventLine(EVENT, NOON, plain)).toBe("12:00:00 warn  main/north north.Film: stopped");
  });

  test("an event is a record with ISO time for machines", () => {
    expect(recordOf({ ...EVENT, tenant: "north", details: { rows: 3 } }, "stream", NOON)).toEqual({
      level: "warn",
      time: "2026-11-21T12:00:00.000Z",
      event: "table.stopped",
      text: "stopped",
      pipeline: "stream",
      source: "main/north",
      table: "north.Film",
      tenant: "north",
      details: { rows: 3 },
    });
  });

  test("a level lets through what is as important or more so", () => {
    expect((["debug", "info", "warn", "error"] as const).map((level) => isWanted(level, "warn"))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test("progress for machines has every source and counts tables by state", () => {
    expect(progressDetails(STATUS)).toMatchObject({
      rowsPerSecond: 1_234,
      lagSeconds: 75,
      slowest: "main/south",
      events: 2_400,
      sources: [
        { source: "main/north", lagSeconds: 0.3 },
        { source: "main/south", problem: "CDC_X" },
      ],
      tables: { streaming: 1, stopped: 1, snapshot: 1 },
      snapshots: [{ source: "main/north", table: "north.Store", rows: 5_000, expectedRows: 12_400 }],
    });
  });
});

test("the summary names what needs a hand, and what to do", () => {
  const result = { status: STATUS, interrupted: true, healthy: false, durationMs: 4_200 };
  expect(streamSummary(result, plain)).toBe(
    [
      "streamed 2,400 changes in 60 transactions, 5,000 snapshot rows in 4.2 s",
      "  sources: 1 streaming, 1 retrying · tables: 1 streaming, 1 stopped, 1 snapshot · lag 1 min 15 s",
      "2 dead letters: see `cdc dead-letters list`",
      "main/south retrying: cannot be reached (CDC_X)",
      "north.Film (main/north) stopped: column Name was dropped (CDC_SOURCE_DRIFT)",
      "  hint: Run `cdc up`.",
    ].join("\n"),
  );
});

test("secrets of the environment and of the stack are taken out of a text", () => {
  const clean = redactor({ PG_DEV_PASSWORD: "hunter22", PG_DEV_USER: "writer" }, ["s3cret-of-stack", undefined, ""]);
  expect(clean("hunter22 and s3cret-of-stack of writer")).toBe("[secret] and [secret] of writer");
});
