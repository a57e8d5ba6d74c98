import { invalid } from "../errors";

/** Whether clients may send and receive. */
export type QueueStatus = "Active" | "Disabled" | "SendDisabled" | "ReceiveDisabled";

/** Properties of a queue. Durations are milliseconds. */
export interface QueueSettings {
  /** How long a received message, or session, is its receiver's: at most 5 minutes. Default 1 minute. */
  readonly lockDurationMs: number;
  /** What the queue can hold. Default 1024. */
  readonly maxSizeInMegabytes: number;
  readonly requiresSession: boolean;
  /** Messages with the MessageId of another one in the window are accepted and dropped. */
  readonly requiresDuplicateDetection: boolean;
  /** 20 seconds to 7 days; default 10 minutes. */
  readonly duplicateDetectionWindowMs: number;
  /** Time to live where the message has none or a longer one. Default: for ever. */
  readonly defaultTtlMs: number;
  /** Whether expired messages go to the dead-letter queue; else they vanish. */
  readonly deadLetteringOnExpiration: boolean;
  /** Failed deliveries until a message goes to the dead-letter queue. Default 10. */
  readonly maxDeliveryCount: number;
  readonly status: QueueStatus;
  /** Largest message in kilobytes: at most, and by default, 256 in the Standard tier; 1024 to 102400 in Premium. */
  readonly maxMessageSizeInKilobytes: number;
  readonly enableBatchedOperations: boolean;
  readonly userMetadata: string;
}

/** What Azure calls for ever: the longest duration of .NET. */
export const FOREVER_MS = 922_337_203_685_477;

const DEFAULT_SETTINGS: QueueSettings = {
  lockDurationMs: 60_000,
  maxSizeInMegabytes: 1024,
  requiresSession: false,
  requiresDuplicateDetection: false,
  duplicateDetectionWindowMs: 600_000,
  defaultTtlMs: FOREVER_MS,
  deadLetteringOnExpiration: false,
  maxDeliveryCount: 10,
  status: "Active",
  maxMessageSizeInKilobytes: 256,
  enableBatchedOperations: true,
  userMetadata: "",
};

/** What a namespace costs, and how large its messages can be. */
export type Tier = "Standard" | "Premium";

const LARGEST_MESSAGE_KB: Readonly<Record<Tier, number>> = { Standard: 256, Premium: 102_400 };
const DEFAULT_MESSAGE_KB: Readonly<Record<Tier, number>> = { Standard: 256, Premium: 1024 };

export function defaultSettings(tier: Tier): QueueSettings {
  return { ...DEFAULT_SETTINGS, maxMessageSizeInKilobytes: DEFAULT_MESSAGE_KB[tier] };
}

const DAY_MS = 86_400_000;

/** Refuses what Azure refuses. Throws BrokerError. */
export function checkSettings(settings: QueueSettings, tier: Tier): void {
  within("LockDuration", settings.lockDurationMs, 1, 300_000);
  within("DuplicateDetectionHistoryTimeWindow", settings.duplicateDetectionWindowMs, 20_000, 7 * DAY_MS);
  within("DefaultMessageTimeToLive", settings.defaultTtlMs, 1, FOREVER_MS);
  within("MaxDeliveryCount", settings.maxDeliveryCount, 1, 2_147_483_647);
  within("MaxMessageSizeInKilobytes", settings.maxMessageSizeInKilobytes, 1, LARGEST_MESSAGE_KB[tier]);
  within("MaxSizeInMegabytes", settings.maxSizeInMegabytes, 1, 81_920);
  if (settings.userMetadata.length > 1024) throw invalid("UserMetadata is longer than 1024 characters.");
}

function within(name: string, value: number, from: number, to: number): void {
  if (!(value >= from && value <= to)) throw invalid(`${name} is ${value}; ${from} to ${to} is possible.`);
}

/** Refuses names that Azure refuses. Throws BrokerError. */
export function checkName(name: string): void {
  const allowed = /^[A-Za-z0-9]([A-Za-z0-9._~/-]*[A-Za-z0-9_~-])?$/;
  if (name.length > 260 || !allowed.test(name)) throw invalid(`'${name}' is no name for a queue.`);
}
