import type { PgConfig } from "../databases/postgres/config";
import type { SettingsSources, SinkSettings } from "../databases/postgres/settings";
import type { Stack } from "../engine/stack";
import { CdcError } from "../lib/errors";
import { resourcesOf, type DeployedResource } from "./deployment";
import { openStackConfig } from "./stack-config";

/** One database that a stack deployed into. */
export interface DeployedDatabase {
  /** Name of the connection in the resources, such as `sink:dev:main.directory`. */
  readonly connection: string;
  readonly database: string;
  readonly config: PgConfig;
}

/**
 * The databases that a stack has put tables into, and how to reach them.
 * Throws CdcError (CDC_NOT_DEPLOYED) when there are none, and what reading the stack's settings throws.
 */
export async function deployedDatabases(
  stack: Stack,
  name: string,
  projectDirectory: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly DeployedDatabase[]> {
  const places = new Map(resourcesOf(await stack.export()).flatMap(placeOf));
  if (places.size === 0) throw notDeployed(name);
  const { parseConnectionName, sinkPgConfig } = await import("../databases/postgres/settings");
  const sources = await settingsOf(projectDirectory, name, env);
  const found = [...places.values()].map(({ connection, database }) => {
    const config = sinkPgConfig(parseConnectionName(connection), database, sources);
    return { connection, database, config };
  });
  // Two sinks may share a database.
  return [...new Map(found.map((one) => [addressOf(one.config), one] as const)).values()];
}

/** `cdc:sink` and `cdc:sinks` of a stack, decrypted, beside the environment. */
export async function settingsOf(
  projectDirectory: string,
  stack: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SettingsSources> {
  const { value } = await openStackConfig(projectDirectory, stack, env);
  const sink = value<SinkSettings>("cdc:sink");
  const sinks = value<Record<string, SinkSettings>>("cdc:sinks");
  return { ...(sink === undefined ? {} : { sink }), ...(sinks === undefined ? {} : { sinks }), env };
}

function addressOf({ host, port, database }: PgConfig): string {
  return JSON.stringify([host.toLowerCase(), port, database]);
}

function placeOf(resource: DeployedResource): [string, { connection: string; database: string }][] {
  const { connection, database } = { ...resource.inputs, ...resource.outputs } as Record<string, unknown>;
  // A source's resources name their place as well.
  if (typeof connection !== "string" || !connection.startsWith("sink:") || typeof database !== "string") return [];
  return [[`${connection}/${database}`, { connection, database }]];
}

function notDeployed(stack: string): CdcError {
  const hint = `Deploy it with \`cdc up -s ${stack}\`.`;
  return new CdcError("CDC_NOT_DEPLOYED", `stack ${stack} has no tables in any database yet`, { hint });
}
