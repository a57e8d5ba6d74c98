import { CdcError } from "../../lib/errors";
import type { Context } from "../context";
import type { Io } from "../io";

/** What a command of the demo wrote and how it ended. */
export interface Told {
  readonly code: number;
  readonly stdout: string;
}

/** Tells the demo step by step, and keeps what went wrong. */
export class Narrator {
  private steps = 0;
  private failures = 0;
  private readonly startedMs = Date.now();

  constructor(
    private readonly context: Context,
    /** Folder that the commands run in; its name is left out of what is shown. */
    private readonly cwd: string,
  ) {}

  /** True while every check held. */
  get fine(): boolean {
    return this.failures === 0;
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
    if (!holds) this.failures += 1;
    this.say(holds ? `${paint.green("✓")} ${text}` : `${paint.red("✗ NOT SO:")} ${text}`);
  }

  /** Runs a command line of cdc before the reader's eyes. Throws CdcError (CDC_DEMO) when it fails. */
  async cdc(argv: readonly string[], options: { readonly show?: boolean } = {}): Promise<Told> {
    const show = options.show !== false;
    this.say(this.context.paint.cyan(`$ cdc ${argv.join(" ")}`));
    let stdout = "";
    let stderr = "";
    const take = (text: string) => {
      stdout += text;
      if (show) this.indented(text);
      return true;
    };
    const io: Io = {
      stdout: { write: take },
      stderr: { write: (text: string) => void (stderr += text) },
      stdin: this.context.io.stdin,
      env: this.context.io.env,
      cwd: this.cwd,
      signal: this.context.io.signal,
    };
    const code = await this.context.runCdc(argv, io);
    if (code !== 0)
      throw new CdcError(
        "CDC_DEMO",
        `the demo's \`cdc ${argv.join(" ")}\` ended with ${String(code)}: ${stderr.trim()}`,
      );
    return { code, stdout };
  }

  /** The last line. */
  end(): void {
    const took = seconds(Date.now() - this.startedMs);
    const verdict = this.fine
      ? this.context.paint.green("All checks hold.")
      : this.context.paint.red(`${String(this.failures)} checks failed.`);
    this.line(`\n${verdict} ${took} in all.`);
  }

  private indented(text: string): void {
    const lines = text.replace(/\n$/, "").split("\n");
    for (const line of lines) this.line(`     ${line}`);
  }

  private line(text: string): void {
    this.context.io.stdout.write(`${text}\n`);
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
