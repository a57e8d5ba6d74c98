import { encodeStart } from "../protocol/encode";
import type { HandshakeLine } from "../protocol/handshake";
import { PROTOCOL_VERSION } from "../protocol/limits";
import type { Command, LeaseToken, StartMessage } from "../protocol/messages";
import { probe, type Probe } from "./probe";
import { ProviderRun, type RunOptions } from "./provider-run";
import type { Subject } from "./subject";
import { demand } from "./verdict";

/** What a case starts the provider with, where it differs from a relay's. */
export interface StartOptions extends RunOptions {
  readonly command?: Command;
  readonly state?: unknown;
  /** The whole first line, or what of it there is; nothing is written when it is empty. */
  readonly first?: string | Buffer;
}

const LEAST_START_MS = 100;
const TASK = "conformance";

/** Starts the provider for the cases, and knows what it did in an ordinary run. */
export class Kit {
  private readonly runs: ProviderRun[] = [];
  private probed: Promise<Probe> | undefined;
  /** A relay keeps its lease while it starts its providers again. */
  private readonly lease: LeaseToken = { name: `task:${TASK}`, token: String(Date.now()) };

  constructor(
    readonly subject: Subject,
    private readonly whole?: Kit,
  ) {}

  /** The same kit for one case, which ends its own runs. */
  forCase(): Kit {
    return new Kit(this.subject, this);
  }

  /** The first line that a relay would write. */
  startLine(more: Partial<StartMessage> = {}): string {
    const { config, role } = this.subject;
    const { lease } = this.whole ?? this;
    return encodeStart({ command: "run", config, protocol: PROTOCOL_VERSION, task: TASK, role, lease, ...more });
  }

  /** Starts the provider with a first line. */
  async start({ command = "run", state, first, env }: StartOptions = {}): Promise<ProviderRun> {
    const run = new ProviderRun(this.subject, env === undefined ? {} : { env });
    this.runs.push(run);
    const line = first ?? this.startLine({ command, ...(state === undefined ? {} : { state }) });
    if (line.length > 0) await run.write(line);
    return run;
  }

  /** Starts the provider and waits for the end of its handshake; fails the case when it doesn't get ready. */
  async startReady(options: StartOptions = {}): Promise<ProviderRun> {
    const run = await this.start(options);
    await this.ready(run);
    return run;
  }

  /** Waits for the handshake of a run; fails the case when it is none, or an error. */
  async ready(run: ProviderRun): Promise<HandshakeLine> {
    await run.until(() => run.out.handshake !== undefined);
    const { handshake } = run.out;
    demand(handshake !== undefined, () => `there was no handshake: ${run.out.stray[0] ?? run.ending()}`);
    demand(handshake.type !== "error", () => `it refused: ${handshake.type === "error" ? handshake.message : ""}`);
    return handshake;
  }

  /** Waits as long as the provider needs until it waits for its first line, going by the ordinary run. */
  async isReading(run: ProviderRun): Promise<void> {
    const { readyMs } = await this.probe();
    await run.settles(LEAST_START_MS + 2 * readyMs);
  }

  /** Stops a run as its relay would, so that it gives back what it holds; fails the case when it goes on. */
  async leave(run: ProviderRun): Promise<void> {
    run.end();
    if (this.subject.role === "input") run.kill("SIGTERM");
    demand(await run.over(), "it went on");
  }

  /** What an ordinary run looked like; made once. */
  probe(): Promise<Probe> {
    if (this.whole !== undefined) return this.whole.probe();
    this.probed ??= probe(this);
    return this.probed;
  }

  /** Ends what the case has left running. */
  async clean(): Promise<void> {
    await Promise.all(this.runs.splice(0).map((run) => run.destroy()));
  }
}
