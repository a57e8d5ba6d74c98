import { decodeControl } from "../protocol/decode";
import type { Envelope } from "../protocol/envelope";
import { ProtocolError } from "../protocol/protocol-error";
import type { InputContext, InputItem, InputProvider } from "./provider";
import { RawLines } from "./raw-lines";
import { StoppableItems } from "./stoppable-items";
import { beat, contextOf, opening, send, sendReady, type Session } from "./session";

/** Runs an input to its end: until it has nothing more, or is told to stop. `onReady` is called after the handshake. */
export async function runInput<C>(input: InputProvider<C>, session: Session, onReady: () => void): Promise<void> {
  const { start, stop, stdout } = session;
  const config = start.config as C;
  const writer = new InputRun(session);
  const context = writer.context();
  const stopBeating = beat(session);
  try {
    await opening(session, input.open?.(config, context));
    sendReady(session, ["ack", "state", "heartbeat"]);
    onReady();
    if (start.host === "relay") void listen(session, writer);
    const items = new StoppableItems(input.read(config, context), stop.signal);
    for (let item = await items.next(); item !== undefined; item = await items.next()) {
      writer.write(item);
      if (stdout.wantsRoom) await stdout.room();
      await writer.confirmWritten();
    }
    if (!stop.signal.aborted) send(session, { type: "eof" });
  } finally {
    stopBeating();
    await input.close?.();
  }
}

/** Lines and states that were written, and who wants to know of acks. */
class InputRun {
  private written = 0;
  private readonly listeners: ((count: number) => void)[] = [];
  private states = 0;
  private storedStates = 0;
  private wake: () => void = () => undefined;

  constructor(private readonly session: Session) {}

  context(): InputContext {
    return {
      ...contextOf(this.session),
      state: this.session.start.state,
      setState: (state) => this.setState(state),
      stored: () => this.stored(),
      onAck: (listener) => void this.listeners.push(listener),
    };
  }

  write(item: InputItem): void {
    const { stdout } = this.session;
    if (item instanceof RawLines) {
      stdout.addBytes(item.bytes);
      this.written += item.count;
      return;
    }
    const envelopes: readonly Envelope[] = isMany(item) ? item : [item];
    for (const { data, metadata } of envelopes) {
      stdout.add(`{"data":${JSON.stringify(data)},"metadata":${JSON.stringify(metadata)}}\n`);
    }
    this.written += envelopes.length;
  }

  /** Where nobody confirms anything, lines are done when they have left this process. */
  async confirmWritten(): Promise<void> {
    if (this.session.start.host === "relay" || this.listeners.length === 0) return;
    await this.session.stdout.written();
    this.acknowledged(this.written);
  }

  acknowledged(count: number, states = 0): void {
    this.storedStates = Math.max(this.storedStates, states);
    this.wake();
    for (const listener of this.listeners) listener(count);
  }

  private setState(state: unknown): void {
    this.states += 1;
    send(this.session, { type: "state", count: this.written, state });
  }

  private async stored(): Promise<void> {
    const { start, stop } = this.session;
    if (start.host !== "relay") return;
    const wake = () => this.wake();
    stop.signal.addEventListener("abort", wake);
    while (this.storedStates < this.states && !stop.signal.aborted)
      await new Promise<void>((resolve) => (this.wake = resolve));
    stop.signal.removeEventListener("abort", wake);
    stop.signal.throwIfAborted();
  }
}

/** Hears acks until the relay closes stdin, which means: stop. */
async function listen({ stdin, stop, log }: Session, run: InputRun): Promise<void> {
  try {
    for (let line = await stdin.line(); line !== undefined; line = await stdin.line()) {
      const message = decodeControl(line);
      if (message.type === "ack") run.acknowledged(message.count, message.states);
    }
  } catch (error) {
    if (error instanceof ProtocolError) log.error(`on stdin: ${error.message}`);
  }
  stop.abort();
}

function isMany(item: Envelope | readonly Envelope[]): item is readonly Envelope[] {
  return Array.isArray(item);
}
