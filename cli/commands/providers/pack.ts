import { Option, type Command } from "commander";
import { relative, resolve } from "node:path";
import type { ProviderRole } from "../../../model/built-in-providers";
import { contextFrom } from "../../context";
import { bytesText } from "../../print/bytes";
import { table } from "../../print/table";

interface PackFlags {
  readonly name?: string;
  readonly version?: string;
  readonly role?: ProviderRole;
  readonly description?: string;
  readonly entry?: string;
  readonly schema?: string;
  readonly manifest?: string;
  readonly output?: string;
}

/** `cdc providers pack` */
export function register(group: Command): void {
  group
    .command("pack")
    .argument("<source...>", "folder, or executables of one provider, one per platform; linux/arm64=<path> says which")
    .summary("pack a provider for a registry")
    .description(
      "Makes an OCI image layout of a provider: an index with a manifest per platform, each with provider.json and the\n" +
        "files. The platform of an executable is told from the file itself; scripts run anywhere. What is not given comes\n" +
        "from provider.json in the folder. The same content gives the same digest. .env, .git, .npmrc and the like stay out.\n" +
        "Exit codes: 0 packed, 2 error.",
    )
    .option("--name <name>", "name of the provider, as in its handshake")
    .option("--version <version>", "semantic version")
    .addOption(new Option("--role <role>", "what it does in a task").choices(["input", "output"]))
    .option("--description <text>", "one sentence")
    .option("--entry <file>", "file of the folder to start (default: provider, provider.js, .py, .sh ...)")
    .option("--schema <file>", "JSON Schema of its configuration")
    .option("--manifest <file>", "provider.json, when it isn't in the folder")
    .option("-o, --output <dir>", "folder to make (default: <name>-<version>.oci)")
    .addHelpText(
      "after",
      "\nExample:\n  $ cdc providers pack ./orders-input --version 1.2.0\n" +
        "  $ cdc providers pack out/in.linux_amd64 out/in.darwin_arm64 --name orders-input --version 1.2.0 --role input",
    )
    .action(pack);
}

async function pack(sources: readonly string[], flags: PackFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { packProvider } = await import("../../../tasks/oci/artifact/pack");
  const { readJsonObject } = await import("../../json-file");
  const { name, version, role, description, entry, schema, manifest, output } = flags;
  const cwd = context.directory;
  const given = {
    name,
    version,
    role,
    description,
    entry,
    configSchema: schema && readJsonObject(resolve(cwd, schema)),
  };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const packed = await packProvider({
    sources,
    cwd,
    manifest: known,
    ...(manifest === undefined ? {} : { manifestFile: resolve(cwd, manifest) }),
    ...(output === undefined ? {} : { output: resolve(cwd, output) }),
  });
  const shown = relative(context.io.cwd, packed.folder) || ".";
  context.print(packed, () =>
    [
      `packed ${packed.manifest.name} ${packed.manifest.version} into ${shown}`,
      `digest ${packed.digest}`,
      table(
        ["PLATFORM", "SIZE"],
        packed.platforms.map(({ platform, bytes }) => [platform, bytesText(bytes)]),
      ),
    ].join("\n"),
  );
  if (packed.leftOut.length > 0) context.note(`left out: ${packed.leftOut.join(", ")}`);
  context.note(
    `next: cdc providers push ${shown} <registry>/<owner>/${packed.manifest.name}:${packed.manifest.version}`,
  );
}
