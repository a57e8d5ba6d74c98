import * as pulumi from "@pulumi/pulumi";
import type { PgConfig } from "../databases/postgres/config";
import { sinkPgConfig, sinkServer, type SettingsSources, type SinkSettings } from "../databases/postgres/settings";

/** How the servers' owner is reached; needed only for what `manage:` asks for. */
export interface ServerAccess {
  /** Connection settings, as the providers read them too. */
  readonly sources: pulumi.Input<SettingsSources>;
  /** Password of the application roles that we make. */
  readonly applicationPassword?: pulumi.Input<string>;
}

/** Access as the stack config (`cdc:sink`, `cdc:sinks`, `cdc:applicationPassword`) and the environment say. */
export function serverAccess(config: pulumi.Config, env: Readonly<Record<string, string | undefined>>): ServerAccess {
  const sink = config.getSecretObject<SinkSettings>("sink");
  const sinks = config.getSecretObject<Record<string, SinkSettings>>("sinks");
  const sources = pulumi.all([sink, sinks]).apply(([all, named]) => ({
    env,
    ...(all === undefined ? {} : { sink: all }),
    ...(named === undefined ? {} : { sinks: named }),
  }));
  const applicationPassword = config.getSecret("applicationPassword");
  return { sources, ...(applicationPassword === undefined ? {} : { applicationPassword }) };
}

/**
 * Tells the servers of sinks apart: "" for the one that `cdc:sink` or the environment names, else `host:port`.
 * Only host and port are looked at, which no resource's properties hold.
 */
export function sinkServers(
  config: pulumi.Config,
  env: Readonly<Record<string, string | undefined>>,
  environment: string,
): (sink: string) => string {
  const sink = config.getObject<SinkSettings>("sink");
  const sinks = config.getObject<Record<string, SinkSettings>>("sinks") ?? {};
  const usual = { env, ...(sink === undefined ? {} : { sink }) };
  return (name) => {
    const own = sinkServer({ environment, sink: name }, { ...usual, sinks });
    return own === undefined || own === sinkServer({ environment, sink: name }, usual) ? "" : own;
  };
}

/** Where a sink's database is, for its owner. */
export function serverOf(
  access: ServerAccess | undefined,
  sink: { readonly environment: string; readonly sink: string },
  database: string,
): pulumi.Output<PgConfig> {
  return pulumi.output(access?.sources ?? { env: {} }).apply((sources) => sinkPgConfig(sink, database, sources));
}
