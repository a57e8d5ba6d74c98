import type { Command } from "commander";
import type { RegistryOptions } from "../../../tasks/oci/registry/client";
import type { Context } from "../../context";

/** Flags of every command that talks to a registry. */
export interface RegistryFlags {
  readonly insecure?: boolean;
}

/** Adds the flags of every command that talks to a registry. */
export function registryFlags(command: Command): Command {
  return command.option("--insecure", "http, for a registry without TLS; one on this machine needs no flag");
}

/** How a command talks to registries. */
export function registryOptions(context: Context, { insecure }: RegistryFlags): RegistryOptions {
  const { env, signal } = context.io;
  return { env, signal, note: (line) => context.note(line), insecure };
}
