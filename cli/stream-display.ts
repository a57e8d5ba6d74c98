import type { StreamResult } from "../stream/run/options";
import type { StreamEvent, StreamStatus } from "../stream/stream-events";
import type { Context } from "./context";
import { openLiveScreen } from "./print/live-screen";
import { eventLine, isWanted, progressDetails, recordOf, type LogLevel, type LogRecord } from "./print/stream-log";
import { streamSummary } from "./print/stream-summary";
import { streamLine } from "./print/stream-totals";
import { streamView } from "./print/stream-view";
import { SourceRates } from "./observe/source-rates";

/** Shows a stream while it runs. */
export interface StreamDisplay {
  event(event: StreamEvent): void;
  /** Shows the end; undefined when the stream failed. */
  end(result: StreamResult | undefined): void;
}

/** What to show of a stream. */
export interface ShownStream {
  readonly pipeline: string;
  readonly level: LogLevel;
  readonly status: () => StreamStatus;
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string;
}

const REDRAW_MS = 250;
const LINE_MS = 10_000;
const USUAL_COLUMNS = 100;
const USUAL_ROWS = 24;

/** NDJSON on stdout with `--json`; a view that is drawn anew on a terminal; else a line now and then on stderr. */
export function openStreamDisplay(context: Context, shown: ShownStream): StreamDisplay {
  if (context.options.json) return jsonDisplay(context, shown);
  return context.io.stderr.isTTY === true ? liveDisplay(context, shown) : plainDisplay(context, shown);
}

function jsonDisplay({ io }: Context, { pipeline, level: least, status, redact }: ShownStream): StreamDisplay {
  const clean = (_key: string, value: unknown): unknown => (typeof value === "string" ? redact(value) : value);
  const write = (record: LogRecord) => {
    if (isWanted(record.level, least)) io.stdout.write(`${JSON.stringify(record, clean)}\n`);
  };
  const tell = (event: string, text: string, details: object) => {
    write({ level: "info", time: new Date().toISOString(), event, text, pipeline, details });
  };
  const timer = every(LINE_MS, () => {
    const now = status();
    tell("stream.progress", streamLine(now), progressDetails(now));
  });
  return {
    event: (event) => write(recordOf(event, pipeline, new Date())),
    end: (result) => {
      clearInterval(timer);
      if (result === undefined) return;
      const { interrupted, healthy, durationMs } = result;
      const details = { interrupted, healthy, durationMs, ...progressDetails(result.status) };
      tell("stream.finished", streamLine(result.status), details);
    },
  };
}

function plainDisplay(context: Context, { level: least, status, redact }: ShownStream): StreamDisplay {
  const paint = context.stderrPaint;
  const timer = every(LINE_MS, () => context.note(redact(streamLine(status()))));
  return {
    event: (event) => {
      if (isWanted(event.level, least)) context.note(redact(eventLine(event, new Date(), paint)));
    },
    end: (result) => {
      clearInterval(timer);
      printSummary(context, result, redact);
    },
  };
}

function liveDisplay(context: Context, { level: least, status, redact }: ShownStream): StreamDisplay {
  const { stderr, signal } = context.io;
  const paint = context.stderrPaint;
  const screen = openLiveScreen(stderr);
  const rates = new SourceRates();
  const startedMs = Date.now();
  const draw = () => {
    const now = status();
    const style = {
      paint,
      stack: `${context.options.stack}${signal.aborted ? ", stopping" : ""}`,
      runningMs: Date.now() - startedMs,
      rates: rates.take(now, Date.now()),
      columns: known(stderr.columns) ?? USUAL_COLUMNS,
      lines: (known(stderr.rows) ?? USUAL_ROWS) - 1,
    };
    screen.draw(streamView(now, style).map(redact));
  };
  const lines: string[] = [];
  // Hundreds of tables may begin at once: drawing for each would take the time from the stream.
  const flush = () => {
    if (lines.length > 0) screen.above(lines.splice(0).join("\n"));
  };
  const timer = every(REDRAW_MS, () => {
    flush();
    draw();
  });
  signal.addEventListener("abort", () => screen.forget(), { once: true });
  return {
    event: (event) => {
      if (isWanted(event.level, least)) lines.push(redact(eventLine(event, new Date(), paint)));
    },
    end: (result) => {
      clearInterval(timer);
      flush();
      screen.clear();
      printSummary(context, result, redact);
    },
  };
}

/** A terminal that doesn't know its size says 0. */
function known(size: number | undefined): number | undefined {
  return size === 0 ? undefined : size;
}

function printSummary(context: Context, result: StreamResult | undefined, redact: (text: string) => string): void {
  if (result !== undefined) context.print(result, () => redact(streamSummary(result, context.paint)));
}

function every(intervalMs: number, work: () => void): NodeJS.Timeout {
  return setInterval(work, intervalMs).unref();
}
