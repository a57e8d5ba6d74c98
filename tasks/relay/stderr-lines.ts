import type { LogLevel } from "./events";
import { parseObject } from "../protocol/json-object";
import type { Redactor } from "./redact";

const NEWLINE = 0x0a;
const KEPT_LINES = 20;
const KEPT_CHARACTERS = 1024;
const LONGEST_LINE = 64 * 1024;
const LEVELS: readonly string[] = ["debug", "info", "warn", "error"] satisfies LogLevel[];

/** A line of a provider's log. */
export interface StderrLine {
  readonly level: LogLevel;
  readonly text: string;
}

/**
 * Lines of a provider's stderr, without secrets. Keeps the last 20 for messages, 1 KB of each; and of a line that is
 * longer than 64 KiB only its beginning: however much comes, the memory stays small.
 */
export class StderrLines {
  private readonly kept: string[] = [];
  private parts: Buffer[] = [];
  private partBytes = 0;
  private lostBytes = 0;

  constructor(private readonly redact: Redactor) {}

  /** The last lines so far. */
  get last(): readonly string[] {
    return this.kept;
  }

  /** The lines that a chunk completes. */
  push(chunk: Buffer): StderrLine[] {
    const lines: StderrLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const part = chunk.subarray(start, end);
      if (this.partBytes === 0 && part.length <= LONGEST_LINE) this.add(this.redact(part.toString()), lines);
      else this.finish(part, lines);
      start = end + 1;
    }
    this.keep(chunk.subarray(start));
    return lines;
  }

  /** The last line, when it has no line end. */
  end(): StderrLine[] {
    const lines: StderrLine[] = [];
    if (this.partBytes > 0) this.finish(Buffer.alloc(0), lines);
    return lines;
  }

  private keep(part: Buffer): void {
    const room = LONGEST_LINE - this.partBytes;
    // Copied: a few bytes must not hold on to the chunk that they came in.
    if (room > 0 && part.length > 0) this.parts.push(Buffer.from(part.subarray(0, room)));
    this.partBytes += Math.min(room, part.length);
    this.lostBytes += Math.max(0, part.length - room);
  }

  private finish(part: Buffer, lines: StderrLine[]): void {
    this.keep(part);
    const text = this.redact(Buffer.concat(this.parts).toString());
    // The end may hold the beginning of a secret whose rest is gone.
    const shown = text.slice(0, Math.max(0, text.length - this.redact.longest));
    this.add(this.lostBytes === 0 ? text : `${shown} … (${this.lostBytes} bytes more)`, lines);
    this.parts = [];
    this.partBytes = 0;
    this.lostBytes = 0;
  }

  private add(text: string, lines: StderrLine[]): void {
    const line = lineOf(text.trimEnd());
    if (line.text === "") return;
    this.kept.push(line.text.slice(0, KEPT_CHARACTERS));
    if (this.kept.length > KEPT_LINES) this.kept.shift();
    lines.push(line);
  }
}

/** `{"level","msg"}` keeps its level; everything else is information. */
function lineOf(text: string): StderrLine {
  const found = text.startsWith("{") ? parseObject(text) : undefined;
  const message = found?.["msg"] ?? found?.["message"];
  if (typeof message !== "string") return { level: "info", text };
  return { level: levelOf(found?.["level"]), text: message };
}

function levelOf(level: unknown): LogLevel {
  const word = String(level).toLowerCase().replace("warning", "warn");
  return LEVELS.includes(word) ? (word as LogLevel) : "info";
}
