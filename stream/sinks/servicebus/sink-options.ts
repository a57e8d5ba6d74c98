import type { QueueNaming } from "../../../model/queue-names";
import type { OversizePolicy } from "./oversize";
import { DEFAULT_RETRY, type RetrySettings } from "./persistence";
import type { TableKey } from "./routes";
import type { SinkEvent } from "./sink-events";

/** How changes are sent. */
export interface SinkOptions {
  readonly naming?: QueueNaming;
  /** Keys of tables whose envelopes don't tell them. */
  readonly tables?: readonly TableKey[];
  /** Queue of what can't be sent; default {@link DEFAULT_DEAD_LETTER_QUEUE}. */
  readonly deadLetterQueue?: string;
  /** What becomes of events that no message can hold; dead letters by default. */
  readonly oversize?: OversizePolicy;
  /** Makes a queue that isn't there. When absent, what is for it goes to the dead letters. */
  readonly createQueue?: (queue: string) => Promise<void>;
  readonly retry?: RetrySettings;
  /** How long to wait for the server's answer before something is sent again; default 20 s. */
  readonly timeoutMs?: number;
  /** Batches on their way at once, over all queues; default 16. */
  readonly sendsAtOnce?: number;
  /** Largest batch, where the server takes even more in one message; default 1 MiB, as premium namespaces have it. */
  readonly maxBatchBytes?: number;
  /** Told how many lines are confirmed: all of the first so many are where they belong. */
  readonly onConfirmed?: (lines: number) => void;
  readonly onEvent?: (event: SinkEvent) => void;
}

export const DEFAULT_DEAD_LETTER_QUEUE = "cdc_dead_letters";

type Chosen =
  "naming" | "tables" | "deadLetterQueue" | "retry" | "timeoutMs" | "sendsAtOnce" | "maxBatchBytes" | "onEvent";

/** Options with what is left out. */
export type SinkSettings = SinkOptions & Required<Pick<SinkOptions, Chosen>>;

export function sinkSettings(options: SinkOptions): SinkSettings {
  return {
    naming: {},
    tables: [],
    deadLetterQueue: DEFAULT_DEAD_LETTER_QUEUE,
    retry: DEFAULT_RETRY,
    timeoutMs: 20_000,
    sendsAtOnce: 16,
    maxBatchBytes: 1024 * 1024,
    onEvent: () => undefined,
    ...options,
  };
}
