import type { Queue } from "../broker/queue";
import { FOREVER_MS, type QueueSettings, type QueueStatus } from "../broker/settings";
import { invalid, unsupported } from "../errors";
import { readDuration, writeDuration } from "./durations";
import { element, readLeaves } from "./xml";

const STATUSES: readonly string[] = ["Active", "Disabled", "SendDisabled", "ReceiveDisabled"] satisfies QueueStatus[];

/** What must be as it is, or absent: the stand-in has none of it. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  EnablePartitioning: ["false"],
  EnableExpress: ["false"],
  SupportOrdering: ["true"],
  ForwardTo: [],
  ForwardDeadLetteredMessagesTo: [],
  AuthorizationRule: [],
};

/** Settings from the description that a client sent; what it leaves out has its default. Throws BrokerError. */
export function readDescription(xml: string): Partial<QueueSettings> {
  const leaves = readLeaves(xml);
  if (!/<(?:\w+:)?QueueDescription[\s/>]/.test(xml)) throw unsupported("entities other than queues");
  if (/<(?:\w+:)?AuthorizationRule[\s>]/.test(xml)) throw unsupported("authorization rules of a queue");
  for (const [name, allowed] of Object.entries(FIXED)) {
    const value = leaves.get(name);
    if (value !== undefined && !allowed.includes(value.toLowerCase())) throw unsupported(`${name}=${value}`);
  }
  const idle = leaves.get("AutoDeleteOnIdle");
  if (idle !== undefined && readDuration(idle) < FOREVER_MS) throw unsupported(`AutoDeleteOnIdle=${idle}`);
  return definedOnly(settingsOf(leaves));
}

function settingsOf(leaves: ReadonlyMap<string, string>) {
  const read = <T>(name: string, convert: (text: string) => T) => {
    const text = leaves.get(name);
    return text === undefined ? undefined : convert(text);
  };
  return {
    lockDurationMs: read("LockDuration", readDuration),
    maxSizeInMegabytes: read("MaxSizeInMegabytes", Number),
    requiresSession: read("RequiresSession", isTrue),
    requiresDuplicateDetection: read("RequiresDuplicateDetection", isTrue),
    duplicateDetectionWindowMs: read("DuplicateDetectionHistoryTimeWindow", readDuration),
    defaultTtlMs: read("DefaultMessageTimeToLive", readDuration),
    deadLetteringOnExpiration: read("DeadLetteringOnMessageExpiration", isTrue),
    maxDeliveryCount: read("MaxDeliveryCount", Number),
    status: read("Status", readStatus),
    maxMessageSizeInKilobytes: read("MaxMessageSizeInKilobytes", Number),
    enableBatchedOperations: read("EnableBatchedOperations", isTrue),
    userMetadata: read("UserMetadata", String),
  };
}

/** A queue as its description. */
export function writeDescription(queue: Queue): string {
  const { settings } = queue;
  return [
    element("LockDuration", writeDuration(settings.lockDurationMs)),
    element("MaxSizeInMegabytes", settings.maxSizeInMegabytes),
    element("RequiresDuplicateDetection", settings.requiresDuplicateDetection),
    element("RequiresSession", settings.requiresSession),
    element("DefaultMessageTimeToLive", writeDuration(settings.defaultTtlMs)),
    element("DeadLetteringOnMessageExpiration", settings.deadLetteringOnExpiration),
    element("DuplicateDetectionHistoryTimeWindow", writeDuration(settings.duplicateDetectionWindowMs)),
    element("MaxDeliveryCount", settings.maxDeliveryCount),
    element("EnableBatchedOperations", settings.enableBatchedOperations),
    ...runtime(queue),
    element("Status", settings.status),
    ...(settings.userMetadata === "" ? [] : [element("UserMetadata", settings.userMetadata)]),
    element("AutoDeleteOnIdle", writeDuration(FOREVER_MS)),
    element("EnablePartitioning", false),
    element("EntityAvailabilityStatus", "Available"),
    element("EnableExpress", false),
    element("MaxMessageSizeInKilobytes", settings.maxMessageSizeInKilobytes),
  ].join("");
}

function runtime(queue: Queue): string[] {
  const { active, scheduled, deadLetters } = queue.counts();
  const counts = {
    ActiveMessageCount: active,
    DeadLetterMessageCount: deadLetters,
    ScheduledMessageCount: scheduled,
    TransferMessageCount: 0,
    TransferDeadLetterMessageCount: 0,
  };
  const details = Object.entries(counts).map(([name, count]) => element(`d2p1:${name}`, count));
  const namespace = 'xmlns:d2p1="http://schemas.microsoft.com/netservices/2011/06/servicebus"';
  return [
    element("SizeInBytes", queue.bytes),
    element("MessageCount", active + scheduled + deadLetters),
    element("CreatedAt", time(queue.createdAt)),
    element("UpdatedAt", time(queue.updatedAt)),
    element("AccessedAt", time(queue.accessedAt)),
    `<CountDetails ${namespace}>${details.join("")}</CountDetails>`,
  ];
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function isTrue(text: string): boolean {
  return text.toLowerCase() === "true";
}

function readStatus(text: string): QueueStatus {
  if (!STATUSES.includes(text)) throw invalid(`The status '${text}' is unknown.`);
  return text as QueueStatus;
}

function definedOnly(settings: { readonly [K in keyof QueueSettings]: QueueSettings[K] | undefined }) {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<QueueSettings>;
}
