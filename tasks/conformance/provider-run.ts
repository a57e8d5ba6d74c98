import { spawn, type ChildProcessByStdio } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Readable, Writable } from "node:stream";
import { encodeMessage } from "../protocol/encode";
import { isAsleep } from "./asleep";
import type { Subject } from "./subject";
import { Transcript } from "./transcript";

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Which ends of the pipes are there from the start. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
}

const LOOK_MS = 5;
const KEPT_STDERR = 1024 * 1024;
const QUIET_MS = 2_000;
/** Looks in a row that find it asleep, until it is taken for waiting. */
const SLEEPS = 10;

/** One process of the provider, whose pipes are in our hands. */
export class ProviderRun {
  readonly out = new Transcript();
  /** What it wrote to stderr, up to 1 MB. */
  stderr = "";
  /** Undefined while it runs. */
  exit: Exit | undefined;
  /** It could not be started. */
  failure: Error | undefined;
  private isClosed = false;
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;

  constructor(
    private readonly subject: Subject,
    options: RunOptions = {},
  ) {
    const { file, args, cwd, env } = subject;
    this.child = spawn(file, args, {
      cwd,
      env: { ...env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    this.child.stdin.on("error", () => undefined);
    this.child.stdout.on("error", () => undefined);
    this.child.stdout.on("data", (chunk: Buffer) => this.out.push(chunk));
    this.child.stderr.on("data", (chunk: Buffer) => {
      if (this.stderr.length < KEPT_STDERR) this.stderr += chunk.toString();
    });
    // A state in front of all lines is stored at once: an input may wait for that.
    this.out.onState = ({ count }) => {
      if (count === 0 && this.child.stdin.writable) void this.ack(0);
    };
    this.child.once("error", (error) => (this.failure = error));
    this.child.once("exit", (code, signal) => (this.exit = { code, signal }));
    this.child.once("close", () => this.close());
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Whether the process is gone and its output read to the end. */
  get isOver(): boolean {
    return this.isClosed || this.failure !== undefined;
  }

  /** Writes to its stdin, at the speed at which it reads. */
  async write(text: string | Buffer): Promise<void> {
    if (this.child.stdin.write(text) || this.isOver) return;
    await this.until(() => !this.child.stdin.writableNeedDrain);
  }

  /** Tells an input that so many lines are confirmed. */
  ack(count: number): Promise<void> {
    return this.write(encodeMessage({ type: "ack", count, states: this.out.statesUpTo(count) }));
  }

  /** Closes its stdin. */
  end(): void {
    this.child.stdin.end();
  }

  /** Stops reading what it writes. */
  pause(): void {
    this.child.stdout.pause();
  }

  /** Reads on. */
  resume(): void {
    this.child.stdout.resume();
  }

  /** Goes away as a reader. */
  closeStdout(): void {
    this.child.stdout.destroy();
  }

  /** Sends a signal to it and to what it has started, as a relay does. */
  kill(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch {
      // It is gone.
    }
  }

  /** Whether something holds within the limit, or before the process is gone. */
  async until(holds: () => boolean, limitMs = this.subject.limitMs): Promise<boolean> {
    for (const end = Date.now() + limitMs; Date.now() < end;) {
      if (holds()) return true;
      if (this.isOver) return holds();
      await delay(LOOK_MS);
    }
    return holds();
  }

  /** Whether something that it was told to do holds in time. */
  answers(holds: () => boolean): Promise<boolean> {
    const { limitMs, answerMs = limitMs } = this.subject;
    return this.until(holds, answerMs);
  }

  /** Whether it is gone in time. */
  async over(): Promise<boolean> {
    await this.answers(() => this.isOver);
    return this.isOver;
  }

  /** Waits for so many lines, or until it has no more of them; whether they came. */
  async sends(count: number, limitMs?: number): Promise<boolean> {
    const { quietMs = QUIET_MS } = this.subject;
    let [seen, quietSince] = [0, Date.now()];
    await this.until(() => {
      const { lineCount } = this.out;
      if (lineCount > seen) [seen, quietSince] = [lineCount, Date.now()];
      return seen >= count || this.out.isEnded || Date.now() - quietSince > quietMs;
    }, limitMs);
    return this.out.lineCount >= count;
  }

  /** Waits so long at least, and until it waits itself, having taken what it was given; or until it is enough. */
  async settles(leastMs: number, isEnough: () => boolean = () => false): Promise<void> {
    const least = Date.now() + leastMs;
    let sleeps = 0;
    await this.until(() => {
      sleeps = isAsleep(this.pid) === false ? 0 : sleeps + 1;
      return isEnough() || (sleeps >= SLEEPS && Date.now() >= least);
    });
  }

  /** Ends it whatever it does. */
  async destroy(): Promise<void> {
    if (this.isOver) return;
    this.child.stdin.destroy();
    this.resume();
    this.kill("SIGKILL");
    await this.until(() => this.isOver);
  }

  /** Memory that it has in use, in bytes; undefined where the system doesn't tell. */
  memoryBytes(): number | undefined {
    try {
      const pages = Number(readFileSync(`/proc/${String(this.pid)}/statm`, "utf8").split(" ")[1]);
      return pages * 4096;
    } catch {
      return undefined;
    }
  }

  /** `it exited with code 1`, with the last line of its stderr. */
  ending(): string {
    if (this.failure !== undefined) return `it could not be started: ${this.failure.message}`;
    if (this.exit === undefined) return "it is still running";
    const { code, signal } = this.exit;
    const how = signal === null ? `it exited with code ${String(code)}` : `it was ended by ${signal}`;
    const last = this.stderr.trim().split("\n").at(-1) ?? "";
    return last === "" ? how : `${how} (${last.slice(0, 200)})`;
  }

  private close(): void {
    this.out.end();
    this.isClosed = true;
  }
}
