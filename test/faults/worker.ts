import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { StreamStep } from "../../stream/run/steps";
import type { StreamOptions } from "../../stream/run/options";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import type { SourceProgress, TableProgress } from "../../stream/stream-events";

/** Options of a stream as they go to another process. */
export type WorkerSettings = Omit<
  StreamOptions,
  "sourceConfig" | "serverName" | "signal" | "onEvent" | "onStep" | "readTopology"
> & { readonly sources: Readonly<Record<string, MsSqlConfig>> };

/** What a worker does to itself at the nth time it passes a step. */
export interface Arm {
  readonly step: StreamStep;
  readonly nth: number;
  readonly act: "kill" | "freeze" | "stall" | "hold";
  readonly forMs?: number;
}

/** How a stream ended. */
export interface Outcome {
  readonly healthy?: boolean;
  readonly tables?: readonly TableProgress[];
  readonly sources?: readonly SourceProgress[];
  readonly error?: string;
  readonly code?: string;
  readonly stack?: string;
}

interface FromWorker {
  readonly type: "ready" | "struck" | "event" | "done";
  readonly step?: StreamStep;
  readonly text?: string;
  readonly outcome?: Outcome;
  readonly passed?: Readonly<Record<string, number>>;
}

/** A process that runs streams, one after the other. */
export class Worker {
  /** Warnings and errors that its streams told, and what the process wrote. */
  readonly said: string[] = [];
  struck: StreamStep | undefined;
  isAlive = true;
  /** True when it died of a kill -9. */
  isKilled = false;
  private readonly child: ChildProcess;
  private done: ((outcome: Outcome | undefined) => void) | undefined;
  private onStruck: () => void = () => undefined;
  private readonly ready: Promise<void>;
  readonly exited: Promise<void>;

  constructor(passed: (step: string, times: number) => void) {
    const output: ("ignore" | "pipe" | "ipc")[] = ["ignore", "pipe", "pipe", "ipc"];
    this.child = fork(join(__dirname, "stream-child.cjs"), { stdio: output, execArgv: [] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on("data", (chunk: Buffer) => this.said.push(chunk.toString()));
    this.ready = new Promise((resolve) => {
      this.child.on("message", (message: FromWorker) => {
        if (message.type === "ready") resolve();
        if (message.type === "event") this.said.push(message.text ?? "");
        if (message.type === "struck") this.noteStruck(message.step);
        for (const [step, times] of Object.entries(message.passed ?? {})) passed(step, times);
        if (message.type === "done") this.end(message.outcome);
      });
    });
    this.exited = new Promise((resolve) => {
      this.child.once("exit", (_code, signal) => {
        this.isAlive = false;
        // A SIGTERM ends one that has not begun to listen.
        this.isKilled = signal === "SIGKILL" || signal === "SIGTERM";
        this.end(undefined);
        resolve();
      });
    });
  }

  /** Runs a stream; undefined when the process died. */
  async run(settings: WorkerSettings, arm?: Arm): Promise<Outcome | undefined> {
    await Promise.race([this.ready, this.exited]);
    if (!this.isAlive) return undefined;
    this.struck = undefined;
    const ended = new Promise<Outcome | undefined>((resolve) => (this.done = resolve));
    this.child.send({ type: "run", settings, arm });
    return ended;
  }

  arm(arm: Arm): void {
    this.struck = undefined;
    this.tell({ type: "arm", arm });
  }

  /** Resolves once the armed step was passed, or after a while without. */
  async untilStruck(longestMs: number): Promise<boolean> {
    const struck = new Promise<void>((resolve) => (this.onStruck = resolve));
    if (this.struck === undefined) await Promise.race([struck, this.exited, pause(longestMs)]);
    return this.struck !== undefined;
  }

  /** Lets a held step go on. */
  go(): void {
    this.tell({ type: "go" });
  }

  stop(): void {
    this.tell({ type: "stop" });
  }

  /** Lets it say what it is doing. */
  ask(): void {
    this.tell({ type: "tell" });
  }

  signal(signal: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): void {
    this.child.kill(signal);
  }

  /** Ends the process. */
  async close(): Promise<void> {
    if (this.isAlive) this.child.kill("SIGKILL");
    await this.exited;
  }

  private tell(message: object): void {
    // A process that dies meanwhile needs nothing any more.
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  private noteStruck(step: StreamStep | undefined): void {
    this.struck = step;
    this.onStruck();
  }

  private end(outcome: Outcome | undefined): void {
    const { done } = this;
    this.done = undefined;
    done?.(outcome);
  }
}

function pause(forMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs).unref());
}

/** Processes kept warm, so that a killed one has a successor at once. */
export class Workers {
  private readonly spare: Worker[] = [];
  private readonly all = new Set<Worker>();
  /** How often each step was passed by streams that ended well. */
  readonly passed = new Map<string, number>();

  constructor(private readonly warm: number) {}

  take(): Worker {
    const worker = this.spare.pop() ?? this.start();
    while (this.spare.length < this.warm) this.spare.push(this.start());
    return worker;
  }

  /** Takes one back that has nothing to do. */
  give(worker: Worker): void {
    worker.said.length = 0;
    if (worker.isAlive) this.spare.push(worker);
    else this.all.delete(worker);
  }

  async close(): Promise<void> {
    await Promise.all([...this.all].map((worker) => worker.close()));
  }

  private start(): Worker {
    const worker = new Worker((step, times) => this.passed.set(step, (this.passed.get(step) ?? 0) + times));
    this.all.add(worker);
    return worker;
  }
}
