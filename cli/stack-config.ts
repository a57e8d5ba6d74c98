import { CdcError } from "../lib/errors";

/** A stack's configuration, decrypted. */
export interface OpenStackConfig {
  /** The mapping under a key such as `cdc:sink`. Throws CdcError (CDC_STACK_CONFIG) when it is something else. */
  readonly value: <T>(key: string) => T | undefined;
}

/** Reads `Pulumi.<stack>.yaml`, decrypting with the passphrase of the environment. */
export async function openStackConfig(
  projectDirectory: string,
  stack: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<OpenStackConfig> {
  const { readProject } = await import("../engine/builtin/project");
  const { readConfig, readStackFile } = await import("../engine/builtin/stack-config");
  const { PassphraseVault } = await import("../engine/builtin/passphrase");
  const project = readProject(projectDirectory);
  const file = readStackFile(project, stack);
  const vault = new PassphraseVault({ config: file.salt }, env, () => undefined);
  const values = new Map(readConfig(project, file, vault).map(({ key, text }) => [key, text]));
  return { value: (key) => parsed(values.get(key), key, file.path) };
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
