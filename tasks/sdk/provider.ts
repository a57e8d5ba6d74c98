import type { Envelope } from "../protocol/envelope";
import type { InfrastructureResult, LeaseToken } from "../protocol/messages";
import type { Batch } from "./batch";
import type { Log } from "./log";
import type { RawLines } from "./raw-lines";

/** What every method of a provider may use. */
export interface ProviderContext {
  /** Aborted when the provider has to stop: SIGTERM, Ctrl-C, or the relay said so. */
  readonly signal: AbortSignal;
  /** Writes to stderr; stdout belongs to the protocol. */
  readonly log: Log;
  /** Name of the task, when a relay started the provider. */
  readonly task?: string;
  /** The lease of the run: check its token where you write, so that no older run can. */
  readonly lease?: LeaseToken;
}

/** What an input may use. */
export interface InputContext extends ProviderContext {
  /** What `setState` was last given with lines that the output confirmed, in this run or an earlier one. */
  readonly state: unknown;
  /**
   * What to be given at the next start once everything yielded so far is confirmed. Call it after the `yield` of the
   * lines that it follows: a generator goes on when they are written.
   */
  setState(state: unknown): void;
  /**
   * Resolves when the last state that was given is stored: wait for it before lines that only the next run could
   * complete, were it not to know of them. Resolves at once where nobody stores states; rejects when the signal is
   * aborted.
   */
  stored(): Promise<void>;
  /**
   * Told how many lines of this run the output has confirmed; cumulative. Without a relay: how many have left this
   * process.
   */
  onAck(listener: (count: number) => void): void;
}

/** What an output may use. */
export interface OutputContext extends ProviderContext {
  /** Prints a line on the stdout of the task. */
  print(text: string): void;
}

/** What an input may yield: one change, several, or lines that are written already. */
export type InputItem = Envelope | readonly Envelope[] | RawLines;

/** Reads changes from somewhere. */
export interface InputProvider<C> {
  /** Before `ready`: connect, and throw what makes the task impossible. */
  open?(config: C, context: InputContext): Promise<void>;
  /** Ends when there is nothing more, ever; or when the context's signal is aborted. */
  read(config: C, context: InputContext): AsyncIterable<InputItem>;
  /** After the last line, also when reading failed. */
  close?(): Promise<void>;
}

/** Writes changes to somewhere. */
export interface OutputProvider<C> {
  /** Before `ready`: connect, and throw what makes the task impossible. */
  open?(config: C, context: OutputContext): Promise<void>;
  /**
   * Resolves when the batch is durable: the lines are confirmed to the input then. Batches come one after the other,
   * unless {@link BatchBounds.inFlight} allows more.
   */
  write(batch: Batch, context: OutputContext): Promise<void>;
  /** After the last batch, also when writing failed. */
  close?(): Promise<void>;
}

/** Makes, shows and removes what a provider needs to exist, such as queues. A result of `failed` fails the command. */
export interface InfrastructureProvider<C> {
  init(config: C, context: ProviderContext): Promise<InfrastructureResult>;
  plan(config: C, context: ProviderContext): Promise<InfrastructureResult>;
  status(config: C, context: ProviderContext): Promise<InfrastructureResult>;
  destroy(config: C, context: ProviderContext): Promise<InfrastructureResult>;
}

/** How many lines `write` is given at once: whichever bound is met first. */
export interface BatchBounds {
  /** Default 10,000. */
  readonly maxLines?: number;
  /** Default 1 MiB; the line that goes beyond it is still taken. */
  readonly maxBytes?: number;
  /** Longest time that lines wait for others; default 0: while nothing is being written, what is there is written. */
  readonly maxWaitMs?: number;
  /**
   * Batches that `write` is given before the first of them is written; default 1. They are confirmed in their order,
   * and when one fails, none that came after it is.
   */
  readonly inFlight?: number;
}

/** A provider: what {@link runProvider} runs. */
export interface Provider<C> {
  readonly name: string;
  readonly version: string;
  /** JSON Schema of the config, for `--describe`. */
  readonly schema?: object;
  /** What is wrong with a config, as a sentence; undefined when nothing is. */
  validate?(config: unknown): string | undefined;
  readonly input?: InputProvider<C>;
  readonly output?: OutputProvider<C>;
  readonly infrastructure?: InfrastructureProvider<C>;
  /** Of an output. */
  readonly batch?: BatchBounds;
}
