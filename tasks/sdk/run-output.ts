import { countLines } from "../protocol/line-blocks";
import { Paced } from "../protocol/paced";
import { BatchQueue } from "./batch-queue";
import type { BatchBounds, OutputContext, OutputProvider } from "./provider";
import { beat, contextOf, opening, send, sendReady, type Session } from "./session";
import { WritesInOrder } from "./writes-in-order";

/** Acks that come faster are told together: each wakes the relay. */
const ACK_MS = 2;

/** Runs an output until stdin ends and everything is written and confirmed. `onReady` is called after the handshake. */
export async function runOutput<C>(
  output: OutputProvider<C>,
  bounds: BatchBounds | undefined,
  session: Session,
  onReady: () => void,
): Promise<void> {
  const context = outputContext(session);
  const stopBeating = beat(session);
  try {
    await opening(session, output.open?.(session.start.config as C, context));
    sendReady(session, ["ack", "heartbeat"]);
    onReady();
    await writeAll(output, context, bounds, session);
  } finally {
    stopBeating();
    await output.close?.();
  }
}

function outputContext(session: Session): OutputContext {
  const { start, stdout } = session;
  const print = (text: string): void => {
    if (start.host === "relay") send(session, { type: "text", text });
    else stdout.add(`${text}\n`);
  };
  return { ...contextOf(session), print };
}

/** Reads ahead while batches are being written, as far as the queue's bounds go. */
async function writeAll<C>(
  output: OutputProvider<C>,
  context: OutputContext,
  bounds: BatchBounds | undefined,
  session: Session,
): Promise<void> {
  const queue = new BatchQueue(bounds);
  void readInto(queue, session);
  let confirmed = 0;
  const acks = new Paced<number>(ACK_MS, (count) => send(session, { type: "ack", count }));
  const onWritten = (count: number): void => {
    confirmed += count;
    acks.push(confirmed);
  };
  const writes = new WritesInOrder(bounds?.inFlight ?? 1, onWritten, (error) => queue.abort(error));
  try {
    for (let batch = await queue.take(); batch !== undefined; batch = await queue.take()) {
      writes.add(batch.count, output.write(batch, context));
      await writes.room();
      if (session.stdout.isFull) await session.stdout.room();
    }
    await writes.end();
    queue.check();
  } finally {
    // Before the error message, if there is one: what is durable counts.
    acks.flush();
  }
}

async function readInto(queue: BatchQueue, { stdin, stop, start }: Session): Promise<void> {
  stop.signal.addEventListener("abort", () => queue.end(), { once: true });
  try {
    for (let block = await stdin.block(); block !== undefined; block = await stdin.block()) {
      await queue.add(block, countLines(block));
      if (stop.signal.aborted) return;
    }
    // From a relay, a line without its end is one that was cut off: it comes again. From a shell it is the last one.
    const { rest } = stdin;
    if (rest !== undefined && start.host === "shell") await queue.add(Buffer.concat([rest, Buffer.from("\n")]), 1);
    queue.end();
  } catch (error) {
    queue.fail(error);
  }
}
