import type { PgConfig } from "../databases/postgres/config";
import type { SettingsSources, SinkSettings } from "../databases/postgres/settings";
import type { Stack } from "../engine/stack";
import { CdcError } from "../lib/errors";
import { resourcesOf, type DeployedResource } from "./deployment";

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
  const { readProject } = await import("../engine/builtin/project");
  const { readConfig, readStackFile } = await import("../engine/builtin/stack-config");
  const { PassphraseVault } = await import("../engine/builtin/passphrase");
  const project = readProject(projectDirectory);
  const file = readStackFile(project, stack);
  const vault = new PassphraseVault({ config: file.salt }, env, () => undefined);
  const values = new Map(readConfig(project, file, vault).map(({ key, text }) => [key, text]));
  const sink = parsed<SinkSettings>(values.get("cdc:sink"), "cdc:sink", file.path);
  const sinks = parsed<Record<string, SinkSettings>>(values.get("cdc:sinks"), "cdc:sinks", file.path);
  return { ...(sink === undefined ? {} : { sink }), ...(sinks === undefined ? {} : { sinks }), env };
}

function addressOf({ host, port, database }: PgConfig): string {
  return JSON.stringify([host.toLowerCase(), port, database]);
}

function placeOf(resource: DeployedResource): [string, { connection: string; database: string }][] {
  const { connection, database } = { ...resource.inputs, ...resource.outputs } as Record<string, unknown>;
  if (typeof connection !== "string" || typeof database !== "string") return [];
  return [[`${connection}/${database}`, { connection, database }]];
}

function parsed<T>(text: string | undefined, key: string, path: string): T | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    const hint = "Write host, port, user and password below it.";
    throw new CdcError("CDC_STACK_CONFIG", `${path}: ${key} is not a mapping`, { hint, cause });
  }
}

function notDeployed(stack: string): CdcError {
  const hint = `Deploy it with \`cdc up -s ${stack}\`.`;
  return new CdcError("CDC_NOT_DEPLOYED", `stack ${stack} has no tables in any database yet`, { hint });
}
