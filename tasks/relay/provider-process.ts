import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { encodeStart } from "../protocol/encode";
import { PROTOCOL_VERSION } from "../protocol/limits";
import type { Command, LeaseToken, Role } from "../protocol/messages";
import { RelayError, type FailureStage } from "./failure";
import { LineFeed } from "./line-feed";
import { onProcessExit } from "./process-exit";
import type { ProviderCommand } from "./options";
import { settlesWithin } from "./signals";
import { StderrLines, type StderrLine } from "./stderr-lines";
import type { Redactor } from "./redact";

/** How long pipes of a process that is gone may stay open: something that it has started may still hold them. */
const LINGER_MS = 2_000;

/** How a process ended. */
export interface ProviderExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It could not be started. */
  readonly error?: NodeJS.ErrnoException;
}

/** What a provider is started with, besides its command. */
export interface ProviderSetting {
  readonly command: Command;
  readonly task: string;
  readonly role: Role;
  /** Of an input that is run. */
  readonly state?: unknown;
  readonly lease?: LeaseToken | undefined;
  readonly redact: Redactor;
  readonly onLog: (lines: readonly StderrLine[]) => Promise<void> | undefined;
}

/** A provider as a process in a group of its own, so that a Ctrl-C on the terminal reaches only us. */
export class ProviderProcess {
  readonly role: Role;
  readonly name: string;
  /** Resolves when the process is gone; its stdout may still hold lines then. */
  readonly exited: Promise<ProviderExit>;
  /** Its stdout. */
  readonly feed: LineFeed;
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly stderrLines: StderrLines;
  private readonly forget: () => void;
  private readonly log: Promise<void>;
  private exit: ProviderExit | undefined;

  constructor(command: ProviderCommand, setting: ProviderSetting) {
    this.role = setting.role;
    this.name = command.name;
    this.stderrLines = new StderrLines(setting.redact);
    this.child = spawn(command.file, command.args, {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
      ...(command.env === undefined ? {} : { env: withOurs(command.env) }),
    });
    this.forget = onProcessExit(() => this.kill("SIGKILL"));
    this.exited = this.watchExit();
    this.feed = new LineFeed(this.child.stdout);
    // A pipe whose other end is gone: the exit tells it.
    for (const stream of [this.child.stdin, this.child.stdout, this.child.stderr]) stream.on("error", () => undefined);
    this.log = this.readLog(setting);
    this.child.stdin.write(startLine(command, setting));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get stdin(): Writable {
    return this.child.stdin;
  }

  /** Such as `input counter`. */
  get title(): string {
    return `${this.role} ${this.name}`;
  }

  /** How it ended; undefined while it runs. */
  get ended(): ProviderExit | undefined {
    return this.exit;
  }

  /** Sends a signal to the process and all that it has started. */
  kill(signal: NodeJS.Signals): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody is left.
    }
  }

  /** Resolves when its stderr has been read to the end, as far as that ends soon. */
  async logRead(): Promise<void> {
    await settlesWithin(this.log, LINGER_MS);
  }

  /** Who it is and what it wrote last, for errors. */
  about(): { role: Role; name: string; stderr: readonly string[] } {
    return { role: this.role, name: this.name, stderr: [...this.stderrLines.last] };
  }

  /** Resolves when the process is gone and its stdout is read. What it has left behind may keep stdout open for a moment. */
  async over(): Promise<ProviderExit> {
    const exit = await this.exited;
    if (!(await settlesWithin(this.feed.done, LINGER_MS))) this.kill("SIGKILL");
    await this.feed.done.catch(() => undefined);
    this.forget();
    return exit;
  }

  /** The error for a provider that is gone though nobody told it to; waits until it is. */
  async gone(when: string, stage: FailureStage): Promise<RelayError> {
    const exit = await this.over();
    await this.logRead();
    if (exit.error !== undefined) return notStarted(exit.error, this);
    const how = exit.signal === null ? `exited with code ${exit.code ?? 0}` : `was ended by ${exit.signal}`;
    const options = { stage, retryable: stage !== "handshake" || exit.signal !== null, ...this.about() };
    return new RelayError("CDC_PROVIDER_GONE", `${this.title} ${how} ${when}`, options);
  }

  private watchExit(): Promise<ProviderExit> {
    return new Promise((resolve) => {
      const end = (exit: ProviderExit) => {
        this.exit ??= exit;
        resolve(this.exit);
      };
      this.child.once("exit", (code, signal) => end({ code, signal }));
      this.child.once("error", (error) => end({ code: null, signal: null, error }));
    });
  }

  private async readLog({ onLog }: ProviderSetting): Promise<void> {
    try {
      for await (const chunk of this.child.stderr as AsyncIterable<Buffer>) await onLog(this.stderrLines.push(chunk));
    } catch {
      // The pipe broke: what came until then is told.
    }
    await onLog(this.stderrLines.end());
  }
}

function notStarted(error: NodeJS.ErrnoException, provider: ProviderProcess): RelayError {
  const message = `${provider.title} could not be started: ${error.message}`;
  const hint = "Check the path of the provider, and whether it may be executed.";
  return new RelayError("CDC_PROVIDER_NOT_STARTED", message, { stage: "handshake", hint, ...provider.about() });
}

function startLine({ config }: ProviderCommand, { command, task, role, state, lease }: ProviderSetting): string {
  const known = { ...(state === undefined ? {} : { state }), ...(lease === undefined ? {} : { lease }) };
  return encodeStart({ command, config, protocol: PROTOCOL_VERSION, task, role, ...known });
}

function withOurs(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...env };
}
