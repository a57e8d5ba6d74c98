import type { ServiceBusConfig } from "../../../databases/servicebus/config";
import { parseConnectionString } from "../../../databases/servicebus/connection-string";
import { CdcError } from "../../../lib/errors";
import { queueSettingFaults, type QueueSettings } from "../../../model/event-queue";
import { QueueNames, type QueueNaming } from "../../../model/queue-names";
import { queueSettingsOf } from "../../../sql/plans/event-queue-props";
import manifest from "./provider.json";

/** Config of the output; provider.json tells every key. */
export interface ServiceBusOutputConfig {
  readonly connection_string?: string;
  readonly namespace?: string;
  readonly managed_identity?: { readonly client_id?: string };
  readonly queue_template?: string;
  readonly queues?: Readonly<Record<string, string>>;
  readonly tables?: readonly (string | { readonly name: string; readonly key?: readonly string[] })[];
  readonly dead_letter_queue?: string;
  readonly unknown_queue?: "dead_letter" | "create";
  readonly oversize?: OversizeConfig;
  readonly queue_settings?: QueueSettingsConfig;
  readonly retry?: { readonly first_ms?: number; readonly longest_ms?: number; readonly give_up_s?: number };
  readonly send_timeout_s?: number;
  readonly sends_at_once?: number;
}

export interface OversizeConfig {
  readonly policy: "dead_letter" | "claim_check";
  readonly connection_string?: string;
  readonly account_url?: string;
  readonly container?: string;
}

export interface QueueSettingsConfig {
  readonly duplicate_window?: string;
  readonly lock_duration?: string;
  readonly max_delivery_count?: number;
  readonly time_to_live?: string;
  readonly max_size_in_megabytes?: number;
  readonly max_message_size_in_kilobytes?: number;
}

/** JSON Schema of {@link ServiceBusOutputConfig}. */
export const SERVICEBUS_SCHEMA: Readonly<Record<string, unknown>> = manifest.configSchema;

/** What is wrong with a config, as a sentence that shows no secret; undefined when nothing is. */
export function serviceBusProblem(config: unknown): string | undefined {
  const known = config as ServiceBusOutputConfig;
  const unknown = Object.keys(known).find((key) => !Object.hasOwn(manifest.configSchema.properties, key));
  if (unknown !== undefined) return `${unknown} is no setting of the output servicebus`;
  if (known.connection_string === undefined && known.namespace === undefined) {
    return "connection_string or namespace must be set";
  }
  const { policy, connection_string: storage, account_url: account } = known.oversize ?? { policy: "dead_letter" };
  if (policy === "claim_check" && storage === undefined && account === undefined) {
    return "oversize: claim_check needs connection_string or account_url of the storage";
  }
  const [fault] = queueSettingFaults(settingsOf(known));
  if (fault !== undefined) return `queue_settings: ${fault.setting} ${fault.fault}`;
  return thrown(() => {
    if (known.connection_string !== undefined) parseConnectionString(known.connection_string);
    new QueueNames(namingOf(known));
  });
}

/** How the namespace is reached. */
export function accessOf({
  connection_string,
  namespace = "",
  managed_identity,
}: ServiceBusOutputConfig): ServiceBusConfig {
  if (connection_string !== undefined) return { connectionString: connection_string };
  const clientId = managed_identity?.client_id;
  return clientId === undefined ? { namespace } : { namespace, clientId };
}

/** How queues are named. */
export function namingOf({ queue_template, queues, dead_letter_queue }: ServiceBusOutputConfig): QueueNaming {
  return {
    ...(queue_template === undefined ? {} : { template: queue_template }),
    ...(queues === undefined ? {} : { named: queues }),
    ...(dead_letter_queue === undefined ? {} : { reserved: [dead_letter_queue] }),
  };
}

/** What the queues are like. */
export function settingsOf({ queue_settings: given = {} }: ServiceBusOutputConfig): QueueSettings {
  const settings = {
    duplicateWindow: given.duplicate_window,
    lockDuration: given.lock_duration,
    maxDeliveryCount: given.max_delivery_count,
    timeToLive: given.time_to_live,
    maxSizeInMegabytes: given.max_size_in_megabytes,
    maxMessageSizeInKilobytes: given.max_message_size_in_kilobytes,
  };
  return queueSettingsOf(Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)));
}

function thrown(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof CdcError)) throw error;
    return [error.message, error.hint].filter(Boolean).join(". ");
  }
}
