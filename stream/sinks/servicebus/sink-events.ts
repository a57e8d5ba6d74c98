import type { DeadLetterReason } from "./dead-letter";

/** What happens besides messages being sent. */
export type SinkEvent =
  | {
      readonly kind: "retry";
      readonly queue: string;
      readonly attempt: number;
      readonly pauseMs: number;
      readonly failure: string;
    }
  | { readonly kind: "recovered"; readonly queue: string; readonly attempts: number }
  | {
      readonly kind: "dead-letter";
      readonly queue: string | undefined;
      readonly reason: DeadLetterReason;
      readonly description: string;
    }
  | { readonly kind: "claim-check"; readonly queue: string; readonly bytes: number; readonly url: string }
  | { readonly kind: "queue-created"; readonly queue: string };
