import type { CustomResource, CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import { CdcError } from "../lib/errors";

/** A class of `@pulumi/azure-native`, as far as it is used. */
type Class<Args, Made> = new (name: string, args: Args, opts?: CustomResourceOptions) => Made;

/**
 * The classes of `@pulumi/azure-native` that are used. Its own declarations are 5,500 files, which every compiler of
 * this package and of who imports it would read, and which who owns no namespace doesn't have.
 */
export interface Azure {
  readonly Namespace: Class<NamespaceArgs, AzureNamespace>;
  readonly Queue: Class<QueueArgs, CustomResource>;
  readonly ResourceGroup: Class<ResourceGroupArgs, Named>;
}

/** A resource that Azure has given its name. */
interface Named extends CustomResource {
  readonly name: Output<string>;
}

/** A Service Bus namespace: a `servicebus.Namespace` of `@pulumi/azure-native`, with what most programs read of it. */
export interface AzureNamespace extends Named {
  readonly location: Output<string>;
  readonly serviceBusEndpoint: Output<string>;
}

interface ResourceGroupArgs {
  readonly resourceGroupName: Input<string>;
  readonly location?: Input<string>;
}

interface NamespaceArgs {
  readonly namespaceName: Input<string>;
  readonly resourceGroupName: Input<string>;
  readonly location?: Input<string>;
  readonly sku: { readonly name: "Standard" | "Premium"; readonly tier: "Standard" | "Premium" };
}

interface QueueArgs {
  readonly queueName: Input<string>;
  readonly namespaceName: Input<string>;
  readonly resourceGroupName: Input<string>;
  readonly requiresSession: boolean;
  readonly requiresDuplicateDetection: boolean;
  readonly duplicateDetectionHistoryTimeWindow: string;
  readonly lockDuration: string;
  readonly maxDeliveryCount: number;
  readonly deadLetteringOnMessageExpiration: boolean;
  readonly enablePartitioning: boolean;
  readonly defaultMessageTimeToLive?: string;
  readonly maxSizeInMegabytes?: number;
  readonly maxMessageSizeInKilobytes?: number;
}

type Load = (module: string) => unknown;

/**
 * Loads only the modules that are needed: the whole package takes seconds. Who owns no namespace need not have it.
 * @throws CdcError (CDC_AZURE_MISSING) when it isn't installed.
 */
export function loadAzure(load: Load = require): Azure {
  try {
    const { Namespace, Queue } = load("@pulumi/azure-native/servicebus") as Pick<Azure, "Namespace" | "Queue">;
    const { ResourceGroup } = load("@pulumi/azure-native/resources") as Pick<Azure, "ResourceGroup">;
    return { Namespace, Queue, ResourceGroup };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw cause;
    throw new CdcError("CDC_AZURE_MISSING", "a Service Bus namespace of the stack's own needs @pulumi/azure-native", {
      hint: "Run `npm install @pulumi/azure-native`.",
      cause,
    });
  }
}
