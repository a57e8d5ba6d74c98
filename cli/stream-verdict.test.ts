import { parseLsn } from "../model/lsn";
import type { SourceProgress, StreamStatus, TableProgress } from "../stream/stream-events";
import { isUseless, verdictOf, withHint } from "./stream-verdict";

const maxLsn = parseLsn("0".repeat(19) + "1")!;
const PASSWORD = { code: "CDC_MSSQL_PASSWORD", message: "the login was refused", hint: "Set the right one." };
const UNREACHABLE = { code: "CDC_MSSQL_UNREACHABLE", message: "cannot be reached" };

function source(more: Partial<SourceProgress> = {}): SourceProgress {
  return { source: "main/shop", tenants: [], state: "idle", maxLsn, events: 0, transactions: 0, commits: 0, ...more };
}

function tableOf(more: Partial<TableProgress> = {}): TableProgress {
  const counts = { snapshotRows: 0, events: 0, deadLetters: 0 };
  return { source: "main/shop", schema: "s", table: "T", state: "streaming", ...counts, ...more };
}

function statusOf(sources: readonly SourceProgress[], tables: readonly TableProgress[] = []): StreamStatus {
  return { pipeline: "stream", eventsPerSecond: 0, sources, tables };
}

const neverRead = ({ maxLsn: _maxLsn, ...rest }: SourceProgress): SourceProgress => rest;
const refused = neverRead(source({ state: "retrying", problem: PASSWORD }));

describe("a stream is useless", () => {
  test("when every source needs a hand before it was ever read, or was given up", () => {
    expect(isUseless(statusOf([refused, source({ state: "stopped" })]))).toBe(true);
  });

  test.each<[string, readonly SourceProgress[]]>([
    ["before the first source is known", []],
    ["while one works", [refused, source()]],
    ["while one may come back by itself", [neverRead(source({ state: "retrying", problem: UNREACHABLE }))]],
    ["when one that was read is refused now", [source({ state: "retrying", problem: PASSWORD })]],
    ["while another process works", [source({ state: "standby" })]],
  ])("but not %s", (_when, sources) => {
    expect(isUseless(statusOf(sources))).toBe(false);
  });
});

describe("the exit code", () => {
  const ended = (status: StreamStatus, healthy = true) => ({ status, healthy, interrupted: true, durationMs: 1 });

  test("is 0 for a stop while something only waits or is tried again", () => {
    const retrying = statusOf([source({ state: "retrying", problem: UNREACHABLE })], [tableOf({ state: "snapshot" })]);
    expect(verdictOf(ended(retrying, false), {})).toBe(0);
  });

  test("is 3 for the same with --once, which should have finished it", () => {
    expect(verdictOf(ended(statusOf([source()]), false), { once: true })).toBe(3);
  });

  test("is 3 when a table stands still", () => {
    expect(verdictOf(ended(statusOf([source()], [tableOf({ state: "stopped" })])), {})).toBe(3);
  });

  test("is 3 for dead letters with --strict only", () => {
    const dead = ended(statusOf([source()], [tableOf({ deadLetters: 1 })]));
    expect([verdictOf(dead, {}), verdictOf(dead, { strict: true })]).toEqual([0, 3]);
  });

  test("is an error that names the source when there was none to use", () => {
    const two = statusOf([
      refused,
      neverRead(source({ source: "main/other", state: "stopped", problem: UNREACHABLE })),
    ]);
    expect(() => verdictOf(ended(two), {})).toThrow(
      expect.objectContaining({
        code: "CDC_MSSQL_PASSWORD",
        message: "source main/shop: the login was refused (and 1 more source)",
        hint: "Set the right one.",
      }),
    );
  });
});

test("a table that stops is told with what to do", () => {
  const event = { level: "error", event: "table.stopped", text: "x", source: "main/shop", table: "s.T" } as const;
  const status = () => statusOf([], [tableOf({ state: "stopped", problem: PASSWORD })]);
  expect(withHint(event, status)).toEqual({ ...event, details: { hint: "Set the right one." } });
  expect(withHint({ ...event, table: "s.U" }, status).details).toBeUndefined();
});
