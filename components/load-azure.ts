import type { resources, servicebus } from "@pulumi/azure-native";
import { CdcError } from "../lib/errors";

/** The classes of `@pulumi/azure-native` that are used. */
export interface Azure {
  readonly Namespace: typeof servicebus.Namespace;
  readonly Queue: typeof servicebus.Queue;
  readonly ResourceGroup: typeof resources.ResourceGroup;
}

type Load = (module: string) => unknown;

/**
 * Loads only the modules that are needed: the whole package takes seconds. Who owns no namespace need not have it.
 * @throws CdcError (CDC_AZURE_MISSING) when it isn't installed.
 */
export function loadAzure(load: Load = require): Azure {
  try {
    const { Namespace, Queue } = load("@pulumi/azure-native/servicebus") as typeof servicebus;
    const { ResourceGroup } = load("@pulumi/azure-native/resources") as typeof resources;
    return { Namespace, Queue, ResourceGroup };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw cause;
    throw new CdcError("CDC_AZURE_MISSING", "a Service Bus namespace of the stack's own needs @pulumi/azure-native", {
      hint: "Run `npm install @pulumi/azure-native`.",
      cause,
    });
  }
}
