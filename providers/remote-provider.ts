/** Names of the handlers that this package exports under `pulumi-cdc/handlers`. */
export type HandlerName = "sinkSchema" | "cdcManagement" | "sinkTable" | "stagingTable" | "mergeProcedure";

/**
 * The `__provider` property of a resource: one constant line that finds the handler from the project's folder.
 * Pulumi would otherwise serialise the handler's code into the state of every resource, twice.
 */
export function remoteProvider(name: HandlerName): string {
  return `exports.handler=()=>require('module').createRequire(process.cwd()+'/')('pulumi-cdc/handlers').${name}`;
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
  return { ...undefinedOutputs, schemaVersion: 1, ...args, __provider: remoteProvider(handler) };
}
