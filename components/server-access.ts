import * as pulumi from "@pulumi/pulumi";
import type { PgConfig } from "../databases/postgres/config";
import { sinkPgConfig, type SettingsSources, type SinkSettings } from "../databases/postgres/settings";

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

/** Where a sink's database is, for its owner. */
export function serverOf(
  access: ServerAccess | undefined,
  sink: { readonly environment: string; readonly sink: string },
  database: string,
): pulumi.Output<PgConfig> {
  return pulumi.output(access?.sources ?? { env: {} }).apply((sources) => sinkPgConfig(sink, database, sources));
}
