import * as pulumi from "@pulumi/pulumi";
import { packList, packRecord } from "../sql/plans/packed";
import { SCHEMA_VERSION } from "../sql/plans/props";

/** Names of the handlers that this package exports under `pulumi-cdc/handlers`. */
export type HandlerName =
  | "sinkSchema"
  | "cdcManagement"
  | "sinkTable"
  | "stagingTable"
  | "mergeProcedure"
  | "sourceDatabaseCdc"
  | "sourceTableCdc"
  | "eventQueue";

/**
 * The `__provider` property of a resource: one constant line that finds the handler from the project's folder.
 * Pulumi would otherwise serialise the handler's code into the state of every resource, twice.
 */
export function remoteProvider(name: HandlerName): string {
  return `exports.handler=()=>require('module').createRequire(process.cwd()+'/')('pulumi-cdc/handlers').${name}`;
}

/** Packs the columns of a resource whose columns nobody reads in a diff: the table's own resource shows them. */
export function withPackedColumns<A extends { readonly columns: pulumi.Input<Readonly<Record<string, string>>> }>(
  args: A,
): Omit<A, "columns"> & { columns: pulumi.Input<string> } {
  const { columns } = args;
  const packed = isPlain(columns) ? packRecord(columns) : pulumi.output(columns).apply(packRecord);
  return { ...args, columns: packed };
}

/** The same for the order of columns. */
export function packedOrder(order: pulumi.Input<readonly string[]>): pulumi.Input<string> {
  return Array.isArray(order)
    ? packList(order as readonly string[])
    : pulumi.output(order).apply((names) => packList(names));
}

// Known before anything runs: an output for it would cost more than it saves.
function isPlain(value: object): value is Readonly<Record<string, string>> {
  return !pulumi.Output.isInstance(value) && !(value instanceof Promise);
}

/** The type token of a resource, such as `pulumi-nodejs:dynamic/cdc:SinkTable`. */
export function typeToken(noun: string): string {
  return `pulumi-nodejs:dynamic/cdc:${noun}`;
}

/** Arguments of a resource as the engine gets them: with the handler, and with an output for each name of `outputs`. */
export function propertiesOf(
  handler: HandlerName,
  args: object,
  outputs: readonly string[] = [],
): Record<string, unknown> {
  const undefinedOutputs = Object.fromEntries(outputs.map((name) => [name, undefined]));
  return { ...undefinedOutputs, schemaVersion: SCHEMA_VERSION, ...args, __provider: remoteProvider(handler) };
}
