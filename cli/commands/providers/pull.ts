import type { Command } from "commander";
import { resolve } from "node:path";
import type { LocalProvider } from "../../../tasks/oci/local-provider";
import { contextFrom, type Context } from "../../context";
import { registryFlags, registryOptions, type RegistryFlags } from "./options";

interface PullFlags extends RegistryFlags {
  readonly update?: boolean;
  readonly offline?: boolean;
  readonly container?: boolean;
  readonly lock?: string;
}

/** `cdc providers pull` */
export function register(group: Command): void {
  registryFlags(group.command("pull"))
    .argument("<reference...>", "registry/owner/name:tag, or with @sha256:…")
    .summary("bring providers to this machine")
    .description(
      "Fetches this platform's files into the cache (~/.cache/pulumi-cdc/providers, or CDC_PROVIDER_CACHE), checked by\n" +
        "sha256. Beside a task file, cdc-providers.lock.json keeps what each tag stands for: a tag that was moved is an\n" +
        "error until --update. An image that isn't packed by `cdc providers pack` is pulled by docker and run in a container.\n" +
        "Exit codes: 0 there, 2 error.",
    )
    .option("--update", "take what the tags stand for now, and lock that")
    .option("--offline", "ask no registry: check what was pulled before")
    .option("--container", "run it with docker, whatever it is")
    .option("--lock <file>", "lock file (default: beside the task file, when there is one)")
    .addHelpText(
      "after",
      "\nExample:\n  $ cdc providers pull ghcr.io/acme/orders-input:v1.2.0 ghcr.io/acme/asb-output:v1.0.0",
    )
    .action(pull);
}

async function pull(references: readonly string[], flags: PullFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const pulled: (LocalProvider & { reference: string })[] = [];
  for (const reference of references) pulled.push({ reference, ...(await pullOne(context, reference, flags)) });
  context.print(pulled, () => pulled.map(pulledText).join("\n"));
}

async function pullOne(context: Context, reference: string, flags: PullFlags): Promise<LocalProvider> {
  const { localProvider } = await import("../../../tasks/oci/local-provider");
  const progress = context.progress(`pulling ${reference} (bytes)`);
  let shown = 0;
  try {
    return await localProvider(reference, {
      ...registryOptions(context, flags),
      ...flags,
      lockFile: await lockFileOf(context, flags),
      onBytes: (received, total) => {
        progress.expect(total);
        progress.add(received - shown);
        shown = received;
      },
    });
  } finally {
    progress.end();
  }
}

async function lockFileOf(context: Context, { lock }: PullFlags): Promise<string | undefined> {
  const { lockFileBeside } = await import("../../provider-lock");
  return lock === undefined ? lockFileBeside(context.directory) : resolve(context.directory, lock);
}

function pulledText({ reference, digest, kind, file, args, manifest }: LocalProvider & { reference: string }): string {
  const what =
    manifest === undefined ? reference : `${reference} (${manifest.name} ${manifest.version}, ${manifest.role})`;
  return [`pulled ${what}`, `digest ${digest}`, `${kind} ${[file, ...args].join(" ")}`].join("\n  ");
}
