import type { Command } from "commander";
import { resolve } from "node:path";
import { contextFrom } from "../../context";
import { bytesText } from "../../print/bytes";
import { registryFlags, registryOptions, type RegistryFlags } from "./options";

interface PushFlags extends RegistryFlags {
  readonly force?: boolean;
}

/** `cdc providers push` */
export function register(group: Command): void {
  registryFlags(group.command("push"))
    .argument("<folder>", "what `cdc providers pack` made")
    .argument("<reference>", "registry/owner/name:tag; without a tag it is the version")
    .summary("push a packed provider to a registry")
    .description(
      "Uploads what the registry doesn't have yet, then a manifest per platform, then the index under the tag. Logs in as\n" +
        "docker does (`docker login`, credential helpers). An upload that is cut goes on where it was.\n" +
        "Exit codes: 0 pushed, 2 error.",
    )
    .option("--force", "move the tag when it stands for something else: stops everybody who has locked that")
    .addHelpText("after", "\nExample:\n  $ cdc providers push orders-input-1.2.0.oci ghcr.io/acme/orders-input:v1.2.0")
    .action(push);
}

async function push(folder: string, reference: string, flags: PushFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { pushProvider } = await import("../../../tasks/oci/push");
  const progress = context.progress(`pushing ${reference} (bytes)`);
  try {
    const pushed = await pushProvider(resolve(context.directory, folder), reference, {
      ...registryOptions(context, flags),
      force: flags.force,
      onBlob: (bytes, wasThere) => {
        if (!wasThere) progress.add(bytes);
      },
    });
    progress.end();
    context.print(pushed, () =>
      [
        `pushed ${pushed.reference} for ${pushed.platforms.join(", ")}, ${bytesText(pushed.bytes)} sent`,
        `digest ${pushed.digest}`,
      ].join("\n"),
    );
  } finally {
    progress.end();
  }
}
