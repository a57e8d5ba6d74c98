import picocolors from "picocolors";
import type { StreamStatus } from "../stream/stream-events";
import type { Context } from "./context";
import { openStreamDisplay, type ShownStream } from "./stream-display";

const STATUS: StreamStatus = {
  pipeline: "stream",
  eventsPerSecond: 12,
  sources: [{ source: "main/shop", tenants: [], state: "idle", lagMs: 0, events: 3, transactions: 2, commits: 1 }],
  tables: [],
};
const RESULT = { status: STATUS, interrupted: true, healthy: true, durationMs: 60_000 };
const NOTE = { level: "info", event: "x", text: "hunter2 was seen" } as const;

const shown: ShownStream = {
  pipeline: "stream",
  level: "info",
  status: () => STATUS,
  redact: (text) => text.replaceAll("hunter2", "[secret]"),
};

/** A context that keeps what is written, on a terminal or not. */
function written(json: boolean, isTTY: boolean) {
  const texts = { stdout: "", stderr: "" };
  const paint = picocolors.createColors(false);
  const output = (name: keyof typeof texts) => ({ write: (text: string) => (texts[name] += text), isTTY, columns: 0 });
  const io = { stdout: output("stdout"), stderr: output("stderr"), signal: new AbortController().signal };
  const context = {
    io,
    options: { stack: "dev", json },
    stderrPaint: paint,
    paint,
    print: (_value: unknown, text: () => string) => io.stdout.write(`${text()}\n`),
    note: (line: string) => io.stderr.write(`${line}\n`),
  } as unknown as Context;
  return { texts, context };
}

beforeEach(() => void jest.useFakeTimers({ now: new Date("2026-11-21T12:00:00Z") }));
afterEach(() => void jest.useRealTimers());

test("on a terminal the view is drawn a few times a second, lines stay above it, and the end takes it away", () => {
  const { texts, context } = written(false, true);
  const display = openStreamDisplay(context, shown);
  jest.advanceTimersByTime(250);
  const view =
    "stream of dev · 12 rows/s · lag 0 s · sources: 1 idle · 0 s\n" +
    "SOURCE     TENANTS  STATE  ROWS/S  LAG  POSITION  CHANGES\n" +
    "main/shop  -        idle   0       0 s  -         3\n" +
    "tables: none\n";
  expect(texts.stderr).toBe(view);
  display.event(NOTE);
  display.event({ ...NOTE, level: "debug" });
  jest.advanceTimersByTime(250);
  expect(texts.stderr).toBe(`${view}\u001b[4A\r\u001b[0J12:00:00 info  [secret] was seen\n${view}`);
  display.end(RESULT);
  expect(texts.stderr.endsWith("\u001b[4A\r\u001b[0J")).toBe(true);
  expect(texts.stdout).toMatch(/^streamed 3 changes in 2 transactions in 1 min\n/);
});

test("without a terminal there is a line every ten seconds", () => {
  const { texts, context } = written(false, false);
  const display = openStreamDisplay(context, shown);
  display.event(NOTE);
  jest.advanceTimersByTime(25_000);
  display.end(undefined);
  const line = "12 rows/s, lag 0 s, 3 changes; sources: 1 idle; tables: none\n";
  expect(texts).toEqual({ stdout: "", stderr: `12:00:00 info  [secret] was seen\n${line}${line}` });
});

test("with --json every line is an object without secrets, and progress comes every ten seconds", () => {
  const { texts, context } = written(true, true);
  const display = openStreamDisplay(context, shown);
  display.event({ ...NOTE, details: { reason: "hunter2" } });
  jest.advanceTimersByTime(10_000);
  display.end(RESULT);
  const lines = texts.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string });
  expect(lines.map(({ event }) => event)).toEqual(["x", "stream.progress", "stream.finished"]);
  expect(lines[0]).toMatchObject({ text: "[secret] was seen", details: { reason: "[secret]" } });
  expect(texts.stderr).toBe("");
});
