import { DEFAULT_QUEUE_SETTINGS, type QueueSettings } from "../../model/event-queue";

/** `cdc:EventQueue` inputs. Plain JSON, small, without a secret. */
export interface EventQueueProps extends Partial<QueueSettings> {
  readonly schemaVersion: number;
  /** Name of the connection, `servicebus:<environment>:<name>`. */
  readonly connection: string;
  readonly name: string;
  /** Destroy may lose the messages that it holds. */
  readonly allowLoss?: boolean;
}

/** `cdc:EventQueue` outputs. */
export interface EventQueueOutputs extends EventQueueProps {
  /** The queue was not there before. */
  readonly madeByUs: boolean;
  /** Messages that wait to be read, when the queue was last looked at. */
  readonly messages?: number;
  /** Messages that its readers could not take. */
  readonly deadLetters?: number;
}

/** The settings that the properties mean, those that are left out included. */
export function queueSettingsOf(props: Partial<QueueSettings>): QueueSettings {
  const { timeToLive, maxSizeInMegabytes, maxMessageSizeInKilobytes } = props;
  return {
    requiresSession: props.requiresSession ?? DEFAULT_QUEUE_SETTINGS.requiresSession,
    duplicateDetection: props.duplicateDetection ?? DEFAULT_QUEUE_SETTINGS.duplicateDetection,
    duplicateWindow: props.duplicateWindow ?? DEFAULT_QUEUE_SETTINGS.duplicateWindow,
    lockDuration: props.lockDuration ?? DEFAULT_QUEUE_SETTINGS.lockDuration,
    maxDeliveryCount: props.maxDeliveryCount ?? DEFAULT_QUEUE_SETTINGS.maxDeliveryCount,
    deadLetterOnExpiration: props.deadLetterOnExpiration ?? DEFAULT_QUEUE_SETTINGS.deadLetterOnExpiration,
    ...(timeToLive === undefined ? {} : { timeToLive }),
    ...(maxSizeInMegabytes === undefined ? {} : { maxSizeInMegabytes }),
    ...(maxMessageSizeInKilobytes === undefined ? {} : { maxMessageSizeInKilobytes }),
  };
}
