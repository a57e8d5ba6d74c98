import type { Command } from "commander";
import { contextFrom } from "../../context";
import { table } from "../../print/table";

/** `cdc providers list` */
export function register(group: Command): void {
  group
    .command("list")
    .summary("list the providers on this machine: built in, and pulled")
    .description("Exit codes: 0 fine, 2 error.")
    .addHelpText("after", "\nExample:\n  $ cdc providers list")
    .action(list);
}

async function list(_flags: object, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { cacheFolder, listCache } = await import("../../../tasks/oci/cache/folder");
  const { BUILT_IN_PROVIDERS } = await import("../../../model/built-in-providers");
  const { packageVersion } = await import("../../../lib/package-root");
  const folder = cacheFolder(context.io.env);
  const builtIn = BUILT_IN_PROVIDERS.map((one) => ({ ...one, version: packageVersion() }));
  const pulled = listCache(folder);
  context.print({ builtIn, cache: { folder, providers: pulled } }, () =>
    table(
      ["NAME", "ROLE", "VERSION", "FROM", "DIGEST"],
      [
        ...builtIn.map(({ name, role, version }) => [name, role, version, "built in", ""]),
        ...pulled.map(({ reference, digest, kind, manifest }) => [
          manifest?.name ?? reference.split(/[/:]/).at(-2) ?? reference,
          manifest?.role ?? "",
          manifest?.version ?? kind,
          reference,
          digest.slice(0, SHORT_DIGEST),
        ]),
      ],
    ),
  );
}

/** `sha256:` and twelve digits, as docker shows it. */
const SHORT_DIGEST = 19;
