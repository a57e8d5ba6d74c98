import type { Position } from "../../model/position";

/** Something with a place in a source's history. */
interface Placed {
  readonly position: Position;
}

/** Neighbouring events of a source in the order of its log. */
export interface OrderedBatch<Event extends Placed> {
  readonly events: readonly Event[];
  /** False within a transaction that is too large for one batch: the next one goes on with it. */
  readonly endsTransaction: boolean;
}

const BATCH_EVENTS = 1_000;
const LSN_DIGITS = 20;

/**
 * Merges events of several tables of one source, each in the order of the log, into one stream in that order. A batch
 * ends with a transaction, unless it would become larger than `batchEvents`: then a transaction begins a batch of its own
 * and goes over several when it must. Leaving the loop ends the inputs.
 */
export async function* mergeOrdered<Event extends Placed>(
  inputs: readonly AsyncIterable<readonly Event[]>[],
  batchEvents = BATCH_EVENTS,
): AsyncGenerator<OrderedBatch<Event>, void> {
  const heads = inputs.map((input) => new Head(input));
  let done: Event[] = [];
  let open: Event[] = [];
  try {
    await Promise.all(heads.map((head) => head.fill()));
    for (let first = earliest(heads); first?.event !== undefined; first = earliest(heads)) {
      const { event } = first;
      if (open[0] !== undefined && lsnOf(open[0]) !== lsnOf(event)) {
        done.push(...open);
        open = [];
        if (done.length >= batchEvents) yield { events: done.splice(0), endsTransaction: true };
      }
      if (open.length >= batchEvents) {
        if (done.length > 0) yield { events: done.splice(0), endsTransaction: true };
        yield { events: open.splice(0, open.length), endsTransaction: false };
      }
      open.push(event);
      if (!first.step()) await first.fill();
    }
    done = done.concat(open);
    if (done.length > 0) yield { events: done, endsTransaction: true };
  } finally {
    await Promise.allSettled(heads.map((head) => head.close()));
  }
}

/** The next event of an input. */
class Head<Event> {
  event: Event | undefined;
  private readonly batches: AsyncIterator<readonly Event[]>;
  private batch: readonly Event[] = [];
  private at = 0;

  constructor(input: AsyncIterable<readonly Event[]>) {
    this.batches = input[Symbol.asyncIterator]();
  }

  /** To the next event of the batch; false at its end. */
  step(): boolean {
    this.event = this.batch[(this.at += 1)];
    return this.event !== undefined;
  }

  /** To the first event of the next batch that has one; without an event at the end of the input. */
  async fill(): Promise<void> {
    this.event = undefined;
    while (this.event === undefined) {
      const next = await this.batches.next();
      if (next.done === true) return;
      this.batch = next.value;
      this.at = 0;
      this.event = this.batch[0];
    }
  }

  async close(): Promise<void> {
    await this.batches.return?.();
  }
}

// There are as many inputs as tables with changes: a few, so looking at all is as fast as a heap.
function earliest<Event extends Placed>(heads: readonly Head<Event>[]): Head<Event> | undefined {
  let first: Head<Event> | undefined;
  for (const head of heads) {
    if (head.event !== undefined && (first?.event === undefined || head.event.position < first.event.position))
      first = head;
  }
  return first;
}

function lsnOf({ position }: Placed): string {
  return position.slice(0, LSN_DIGITS);
}
