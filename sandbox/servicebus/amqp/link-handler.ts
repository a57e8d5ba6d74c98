import type { Delivery } from "rhea";
import type { Queue } from "../broker/queue";
import type { Outcome, OutcomeKind } from "./rhea";

/** What happens on a link. */
export interface LinkHandler {
  /** The queue behind it; none for tokens. */
  readonly queue?: Queue;
  /** A message came, still encoded. */
  message?(bytes: Buffer, format: number, delivery: Delivery): void;
  /** The client wants more, or has given up what it wanted. */
  flow?(): void;
  /** The client decided about a message. */
  outcome?(kind: OutcomeKind, outcome: Outcome, delivery: Delivery): void;
  /** The link is gone, with its connection or without. */
  closed(): void;
}
