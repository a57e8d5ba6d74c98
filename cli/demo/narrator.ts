import { stripVTControlCharacters } from "node:util";
import { CdcError } from "../../lib/errors";
import type { Context } from "../context";
import type { Io } from "../io";

/** What a command of the demo wrote and how it ended. */
export interface Told {
  readonly code: number;
  /** Without colours. */
  readonly stdout: string;
}

/** How a command of the demo is shown, and how it must end. */
export interface CommandOptions {
  readonly show?: "all" | "start" | "end";
  /** Exit code; default 0. */
  readonly expect?: number;
}

/** Tells the demo step by step, and keeps what went wrong. */
export class Narrator {
  private steps = 0;
  private readonly checks: { readonly text: string; readonly holds: boolean }[] = [];
  private readonly startedMs = Date.now();

  constructor(
    private readonly context: Context,
    /** Folder that the commands run in; its name is left out of what is shown. */
    private readonly cwd: string,
  ) {}

  /** True while every check held. */
  get fine(): boolean {
    return this.checks.every(({ holds }) => holds);
  }

  /** One numbered step with its duration. */
  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    const { paint } = this.context;
    this.steps += 1;
    this.line(`\n${paint.bold(`${String(this.steps)}. ${title}`)}`);
    const startedMs = Date.now();
    const value = await work();
    this.line(paint.dim(`   ${seconds(Date.now() - startedMs)}`));
    return value;
  }

  /** One line of the story. */
  say(text: string): void {
    for (const line of text.split("\n")) this.line(`   ${line}`);
  }

  /** Says that something holds, or that it doesn't: then the demo fails in the end. */
  check(text: string, holds: boolean): void {
    const { paint } = this.context;
    this.checks.push({ text, holds });
    this.say(holds ? `${paint.green("✓")} ${text}` : `${paint.red("✗ NOT SO:")} ${text}`);
  }

  /**
   * Runs a command line of cdc before the reader's eyes: all that it says, or only its first or last line.
   * Throws CdcError (CDC_DEMO) when it doesn't end as expected.
   */
  async cdc(argv: readonly string[], options: CommandOptions = {}): Promise<Told> {
    const { show = "all", expect = 0 } = options;
    this.say(this.context.paint.cyan(`$ cdc ${argv.join(" ")}`));
    let stdout = "";
    let stderr = "";
    const outer = this.context.io;
    const io: Io = {
      stdout: { ...(outer.stdout.isTTY === true ? { isTTY: true } : {}), write: (text: string) => (stdout += text) },
      stderr: { write: (text: string) => (stderr += text) },
      stdin: outer.stdin,
      env: outer.env,
      cwd: this.cwd,
      signal: outer.signal,
    };
    const { engine } = this.context.options;
    // The same on every machine, whether or not Pulumi is there.
    const code = await this.context.runCdc([...argv, "--engine", engine === "auto" ? "built-in" : engine], io);
    if (code !== expect) throw unexpected(argv, code, stderr);
    this.indented(stdout, show);
    return { code, stdout: stripVTControlCharacters(stdout) };
  }

  /** The last line; with `--json` the only one. */
  end(): void {
    const { checks, fine } = this;
    const { paint } = this.context;
    const durationMs = Date.now() - this.startedMs;
    const failed = checks.filter(({ holds }) => !holds).length;
    const verdict = fine ? paint.green("All checks hold.") : paint.red(`${String(failed)} checks failed.`);
    this.context.print({ fine, checks, durationMs }, () => `\n${verdict} ${seconds(durationMs)} in all.`);
  }

  private indented(text: string, show: NonNullable<CommandOptions["show"]>): void {
    const lines = text.trimEnd().split("\n");
    const shown = { all: lines, start: lines.slice(0, 2), end: lines.slice(-1) }[show];
    for (const line of shown) this.line(`     ${line}`);
  }

  private line(text: string): void {
    if (!this.context.options.json) this.context.io.stdout.write(`${text}\n`);
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function unexpected(argv: readonly string[], code: number, stderr: string): CdcError {
  return new CdcError("CDC_DEMO", `the demo's \`cdc ${argv.join(" ")}\` ended with ${String(code)}: ${stderr.trim()}`);
}
