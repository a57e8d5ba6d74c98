import type { OutgoingMessage } from "../../../databases/servicebus/messages/outgoing";
import type { Turns } from "../../run/turns";
import type { DeadLetter } from "./dead-letter";
import type { OversizePolicy } from "./oversize";
import type { RetrySettings } from "./persistence";
import type { SinkEvent } from "./sink-events";

/** A message and the line that it comes from. */
export interface Item {
  readonly message: OutgoingMessage;
  /** Number that {@link ./confirmations.Confirmations} gave it. */
  readonly line: number;
  /** The message stands for one that was too large. */
  readonly isReplacement?: true;
}

/** What the lanes of a sink share. */
export interface LaneContext {
  readonly signal: AbortSignal;
  /** Sends that are on their way at once, over all queues. */
  readonly turns: Turns;
  readonly retry: RetrySettings;
  /** Most bytes of a batch, also where a single message may be larger. */
  readonly maxBatchBytes: number;
  readonly oversize: OversizePolicy;
  /** Makes a queue that isn't there; undefined when nobody may. */
  readonly createQueue: ((queue: string) => Promise<void>) | undefined;
  confirm(line: number): void;
  bury(item: Item, letter: DeadLetter): void;
  fail(error: unknown): void;
  tell(event: SinkEvent): void;
}
