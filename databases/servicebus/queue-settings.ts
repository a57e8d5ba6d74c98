import type { CreateQueueOptions, QueueProperties } from "@azure/service-bus";
import { durationSeconds } from "../../model/duration";
import type { QueueSettings } from "../../model/event-queue";

/** A queue as it is. */
export interface QueueState {
  readonly settings: QueueSettings;
  /** Messages of several keys can't go there in one batch. */
  readonly isPartitioned: boolean;
  /** It was made by this package: its note says so. */
  readonly isOurs: boolean;
}

/** Note of the queues that we make. */
const NOTE = "made by pulumi-cdc";

/** What a queue holds. */
export interface QueueCounts {
  readonly active: number;
  readonly deadLetter: number;
  readonly scheduled: number;
  /** On their way to another queue. */
  readonly transfer: number;
  readonly sizeInBytes: number;
}

/** All messages that would go with the queue. */
export function messagesIn({ active, deadLetter, scheduled, transfer }: QueueCounts): number {
  return active + deadLetter + scheduled + transfer;
}

/** How Service Bus spells "without limit": the longest duration of .NET. */
export const FOR_EVER = "P10675199DT2H48M5.4775807S";
const FOR_EVER_SECONDS = 900_000_000_000;

/** The queue as the administration tells it. */
export function stateOf(queue: QueueProperties): QueueState {
  const { defaultMessageTimeToLive: timeToLive, maxMessageSizeInKilobytes } = queue;
  const isForEver = (durationSeconds(timeToLive) ?? Infinity) > FOR_EVER_SECONDS;
  return {
    settings: {
      requiresSession: queue.requiresSession,
      duplicateDetection: queue.requiresDuplicateDetection,
      duplicateWindow: queue.duplicateDetectionHistoryTimeWindow,
      lockDuration: queue.lockDuration,
      maxDeliveryCount: queue.maxDeliveryCount,
      deadLetterOnExpiration: queue.deadLetteringOnMessageExpiration,
      maxSizeInMegabytes: queue.maxSizeInMegabytes,
      ...(isForEver ? {} : { timeToLive }),
      ...(maxMessageSizeInKilobytes === undefined ? {} : { maxMessageSizeInKilobytes }),
    },
    isPartitioned: queue.enablePartitioning,
    isOurs: queue.userMetadata === NOTE,
  };
}

/** Settings of a new queue, with our note. */
export function newQueueOptions(settings: QueueSettings): CreateQueueOptions {
  return { ...optionsOf(settings), userMetadata: NOTE };
}

/** Settings as the administration wants them. */
export function optionsOf(settings: Partial<QueueSettings>): CreateQueueOptions {
  const options: Record<keyof QueueSettings, keyof CreateQueueOptions> = {
    requiresSession: "requiresSession",
    duplicateDetection: "requiresDuplicateDetection",
    duplicateWindow: "duplicateDetectionHistoryTimeWindow",
    lockDuration: "lockDuration",
    maxDeliveryCount: "maxDeliveryCount",
    deadLetterOnExpiration: "deadLetteringOnMessageExpiration",
    timeToLive: "defaultMessageTimeToLive",
    maxSizeInMegabytes: "maxSizeInMegabytes",
    maxMessageSizeInKilobytes: "maxMessageSizeInKilobytes",
  };
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [options[name as keyof QueueSettings], value]),
  );
}
