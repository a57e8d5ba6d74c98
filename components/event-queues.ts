import * as pulumi from "@pulumi/pulumi";
import { CdcError } from "../lib/errors";
import { DEFAULT_QUEUE_SETTINGS, type QueueSettings } from "../model/event-queue";
import { QueueNames, type QueueNaming } from "../model/queue-names";
import type { QueuedTable } from "../model/queue-name";
import { EventQueue } from "../providers/event-queue";
import { loadAzure, type AzureNamespace } from "./load-azure";

/** Arguments of {@link EventQueues}. */
export interface EventQueuesArgs {
  /** Tables whose changes get a queue each. */
  readonly tables: readonly QueuedTable[];
  readonly naming?: QueueNaming;
  readonly settings?: Partial<QueueSettings>;
  /** Queue of what can't be sent; default `cdc_dead_letters`. */
  readonly deadLetterQueue?: string;
  /** The stack makes the namespace, and the queues in it, through `@pulumi/azure-native`. */
  readonly namespace?: OwnedNamespace;
  /** Name of the connection (`servicebus:<environment>:<name>`) to a namespace that is somebody else's. */
  readonly connection?: pulumi.Input<string>;
}

/** A namespace that belongs to the stack. */
export interface OwnedNamespace {
  readonly name: string;
  /** Resource group that is there; one of the namespace's name is made when absent. */
  readonly resourceGroupName?: pulumi.Input<string>;
  /** Default: that of the resource group. */
  readonly location?: pulumi.Input<string>;
  /** Default `Standard`: `Basic` has no sessions. */
  readonly sku?: "Standard" | "Premium";
}

/** The queues of change events, one per table and one for dead letters. */
export class EventQueues extends pulumi.ComponentResource {
  readonly namespace: AzureNamespace | undefined;
  /** By name. */
  readonly queues: ReadonlyMap<string, pulumi.CustomResource>;

  constructor(name: string, args: EventQueuesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("cdc:index:EventQueues", name, {}, opts);
    const wanted = queuesOf(args);
    if (args.namespace === undefined) {
      this.queues = this.connected(args.connection ?? missingPlace(name), wanted);
    } else {
      const made = this.owned(args.namespace, wanted);
      this.namespace = made.namespace;
      this.queues = made.queues;
    }
    this.registerOutputs({ queues: [...this.queues.keys()] });
  }

  private connected(connection: pulumi.Input<string>, wanted: ReadonlyMap<string, QueueSettings>) {
    const make = ([queue, settings]: [string, QueueSettings]) =>
      [queue, new EventQueue(queue, { connection, name: queue, ...settings }, { parent: this })] as const;
    return new Map([...wanted].map(make));
  }

  private owned(owned: OwnedNamespace, wanted: ReadonlyMap<string, QueueSettings>) {
    const azure = loadAzure();
    const { name, location, sku = "Standard" } = owned;
    const place = location === undefined ? {} : { location };
    const child = { parent: this };
    const resourceGroupName =
      owned.resourceGroupName ?? new azure.ResourceGroup(name, { resourceGroupName: name, ...place }, child).name;
    const namespaceArgs = { namespaceName: name, resourceGroupName, ...place, sku: { name: sku, tier: sku } };
    const namespace = new azure.Namespace(name, namespaceArgs, child);
    const common = { resourceGroupName, namespaceName: namespace.name };
    const make = ([queue, settings]: [string, QueueSettings]) =>
      [queue, new azure.Queue(queue, { ...common, queueName: queue, ...azureSettings(settings) }, child)] as const;
    return { namespace, queues: new Map([...wanted].map(make)) };
  }
}

/** Queues by name, in the order of the tables. Throws CdcError when two tables would share one. */
function queuesOf({ tables, naming, settings, deadLetterQueue = "cdc_dead_letters" }: EventQueuesArgs) {
  const names = new QueueNames({ ...naming, reserved: [deadLetterQueue] });
  const wanted: QueueSettings = { ...DEFAULT_QUEUE_SETTINGS, ...settings };
  const queues = new Map<string, QueueSettings>();
  for (const table of tables) {
    const answer = names.of(table);
    if ("fault" in answer) throw new CdcError("CDC_QUEUE_NAME", `table ${table.table} has no queue: ${answer.fault}`);
    queues.set(answer.name, wanted);
  }
  return queues.set(deadLetterQueue, { ...wanted, requiresSession: false });
}

/** The settings in the words of Azure's resource manager. */
function azureSettings(settings: QueueSettings) {
  const { timeToLive, maxSizeInMegabytes, maxMessageSizeInKilobytes } = settings;
  return {
    requiresSession: settings.requiresSession,
    requiresDuplicateDetection: settings.duplicateDetection,
    duplicateDetectionHistoryTimeWindow: settings.duplicateWindow,
    lockDuration: settings.lockDuration,
    maxDeliveryCount: settings.maxDeliveryCount,
    deadLetteringOnMessageExpiration: settings.deadLetterOnExpiration,
    enablePartitioning: false,
    ...(timeToLive === undefined ? {} : { defaultMessageTimeToLive: timeToLive }),
    ...(maxSizeInMegabytes === undefined ? {} : { maxSizeInMegabytes }),
    ...(maxMessageSizeInKilobytes === undefined ? {} : { maxMessageSizeInKilobytes }),
  };
}

function missingPlace(name: string): never {
  throw new CdcError("CDC_QUEUES_NOWHERE", `the queues ${name} have neither a namespace nor a connection`, {
    hint: "Give `namespace` for one that this stack makes, or `connection` for one that is there.",
  });
}
