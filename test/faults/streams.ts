import { setTimeout as sleep } from "node:timers/promises";
import type { Arm, Outcome, Worker, Workers, WorkerSettings } from "./worker";

/** Longest time a stream may take to stop, in milliseconds. */
const STOP_MS = 20_000;
const ONCE_MS = 300_000;

/** Processes that run the streams of a lane, each replaced by a new one when it ends, as a supervisor would. */
export class Streams {
  private members: Member[] = [];
  /** What the processes told, for failures. */
  readonly said: string[] = [];
  /** What must not happen: a process that ended by itself, one that didn't stop. */
  readonly wrong: string[] = [];
  /** Steps at which a process was killed. */
  readonly killedAt: string[] = [];

  constructor(
    readonly workers: Workers,
    private readonly settings: (holder: string) => WorkerSettings,
    private readonly sameHolder: boolean,
  ) {}

  /** Starts one more process. */
  start(arm?: Arm): void {
    const member = new Member(this, arm);
    this.members.push(member);
  }

  get isRunning(): boolean {
    return this.members.length > 0;
  }

  /** The process of the first stream; undefined between two. */
  get worker(): Worker | undefined {
    return this.members[0]?.worker;
  }

  next(member: number, attempt: number): WorkerSettings {
    return this.settings(this.sameHolder ? `pod-${String(member)}` : `pod-${String(member)}.${String(attempt)}`);
  }

  indexOf(member: Member): number {
    return this.members.indexOf(member);
  }

  /** Stops all of them, gracefully. */
  async stop(): Promise<void> {
    const ended = this.members;
    await Promise.all(ended.map((member) => member.stop()));
    this.members = [];
  }

  /** Runs one until everything is in the sink. */
  async once(more: Partial<WorkerSettings> = {}): Promise<Outcome> {
    const worker = this.workers.take();
    const limit = setTimeout(() => worker.signal("SIGKILL"), ONCE_MS);
    const outcome = await worker.run({ ...this.settings("last"), once: true, ...more });
    clearTimeout(limit);
    this.said.push(...worker.said.splice(0));
    this.workers.give(worker);
    return outcome ?? { error: `it had not everything after ${String(ONCE_MS)} ms` };
  }
}

/** One of several processes that follow the same sources. */
class Member {
  worker: Worker | undefined;
  private stopping = false;
  private hasEnded = false;
  private readonly ended: Promise<void>;

  constructor(
    private readonly streams: Streams,
    arm: Arm | undefined,
  ) {
    this.ended = this.supervise(arm).finally(() => (this.hasEnded = true));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const deadline = Date.now() + STOP_MS;
    while (!this.hasEnded && Date.now() < deadline) {
      this.worker?.signal("SIGCONT");
      // Again and again: a process that is about to begin doesn't hear it.
      this.worker?.stop();
      await Promise.race([this.ended, sleep(50)]);
    }
    if (this.hasEnded) return;
    this.worker?.ask();
    await sleep(500);
    this.streams.wrong.push(`a stream did not stop within ${String(STOP_MS)} ms`);
    this.worker?.signal("SIGKILL");
    await this.ended;
  }

  private async supervise(first: Arm | undefined): Promise<void> {
    const { streams } = this;
    let arm = first;
    // So that the member is among the others when its settings are made.
    await Promise.resolve();
    for (let attempt = 1; !this.stopping; attempt += 1) {
      const worker = streams.workers.take();
      this.worker = worker;
      const outcome = await worker.run(streams.next(streams.indexOf(this), attempt), arm);
      this.worker = undefined;
      arm = undefined;
      this.note(worker, outcome);
      streams.workers.give(worker);
      if (outcome?.error !== undefined && !this.isStopping()) await sleep(30);
    }
  }

  private note(worker: Worker, outcome: Outcome | undefined): void {
    const { streams } = this;
    if (outcome === undefined) {
      if (worker.isKilled) streams.killedAt.push(worker.struck ?? "");
      else streams.wrong.push(`a process ended by itself: ${worker.said.join("\n")}`);
    }
    if (outcome?.error !== undefined)
      worker.said.push(`ended: ${outcome.code ?? ""} ${outcome.stack ?? outcome.error}`);
    streams.said.push(...worker.said.splice(0));
  }

  // Not narrowed by the loop's condition: it changes meanwhile.
  private isStopping(): boolean {
    return this.stopping;
  }
}
