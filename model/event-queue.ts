import { durationSeconds } from "./duration";

/** How a queue of Service Bus is set. Durations are ISO 8601, such as `PT1M`. */
export interface QueueSettings {
  /** Messages of one key are read by one reader, in order. Fixed for the life of the queue. */
  readonly requiresSession: boolean;
  /** A message that is sent twice is there once. Fixed for the life of the queue. */
  readonly duplicateDetection: boolean;
  /** How long a message's id is remembered: longer than a sender may be away. */
  readonly duplicateWindow: string;
  /** How long a reader has for a message. */
  readonly lockDuration: string;
  /** Readings after which a message goes to the queue's dead letters. */
  readonly maxDeliveryCount: number;
  /** Messages that are too old go to the dead letters instead of away. */
  readonly deadLetterOnExpiration: boolean;
  /** How long a message may wait; without limit when absent. */
  readonly timeToLive?: string;
  /** 1024, 2048, 3072, 4096 or 5120; more on premium. The namespace's default when absent. */
  readonly maxSizeInMegabytes?: number;
  /** Largest message, premium only. */
  readonly maxMessageSizeInKilobytes?: number;
}

/** What a queue of change events is like when nothing is said. */
export const DEFAULT_QUEUE_SETTINGS: QueueSettings = {
  requiresSession: true,
  duplicateDetection: true,
  duplicateWindow: "PT1H",
  lockDuration: "PT1M",
  maxDeliveryCount: 10,
  deadLetterOnExpiration: true,
};

/** Settings that can't be changed when the queue is there. */
export const FIXED_SETTINGS = ["requiresSession", "duplicateDetection"] as const;

const DAY = 86_400;
const BOUNDS: Readonly<Record<"duplicateWindow" | "lockDuration" | "timeToLive", readonly [number, number]>> = {
  duplicateWindow: [20, 7 * DAY],
  lockDuration: [5, 300],
  timeToLive: [1, Number.MAX_SAFE_INTEGER],
};

/** What Service Bus would refuse, by setting. */
export function queueSettingFaults(settings: QueueSettings): { readonly setting: string; readonly fault: string }[] {
  const durations = (["duplicateWindow", "lockDuration", "timeToLive"] as const).flatMap((setting) => {
    const fault = durationFault(settings[setting], BOUNDS[setting]);
    return fault === undefined ? [] : [{ setting, fault }];
  });
  const { maxDeliveryCount: count } = settings;
  const isCount = Number.isInteger(count) && count >= 1 && count <= 2000;
  return isCount
    ? durations
    : [...durations, { setting: "maxDeliveryCount", fault: "must be a whole number from 1 to 2000" }];
}

function durationFault(text: string | undefined, [least, most]: readonly [number, number]): string | undefined {
  if (text === undefined) return undefined;
  const seconds = durationSeconds(text);
  if (seconds === undefined) return `"${text}" is not an ISO 8601 duration, such as PT1M or P1D`;
  if (seconds >= least && seconds <= most) return undefined;
  const above = most === Number.MAX_SAFE_INTEGER ? "" : ` and at most ${String(most)}`;
  return `${text} must be at least ${String(least)} seconds${above}`;
}

/** Settings that the wanted state names and that aren't so: durations are compared by their length. */
export function changedSettings(actual: Partial<QueueSettings>, wanted: QueueSettings): (keyof QueueSettings)[] {
  return (Object.keys(wanted) as (keyof QueueSettings)[]).filter(
    (setting) => wanted[setting] !== undefined && !sameSetting(actual[setting], wanted[setting]),
  );
}

function sameSetting(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "string" || typeof other !== "string") return false;
  const seconds = durationSeconds(one);
  return seconds !== undefined && seconds === durationSeconds(other);
}
