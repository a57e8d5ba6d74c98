import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packProvider, type Packed } from "../../tasks/oci/artifact/pack";
import type { RegistryOptions } from "../../tasks/oci/registry/client";
import { temporaryFolder } from "../harness/temporary-folder";

/** A folder of its own. */
export function newFolder(): string {
  return temporaryFolder("cdc-oci-");
}

/** Options that try again at once, with an empty home. */
export function hasty(
  more: Partial<RegistryOptions> = {},
): RegistryOptions & { env: Record<string, string | undefined> } {
  const home = newFolder();
  return { firstPauseMs: 1, ...more, env: { PATH: process.env["PATH"], HOME: home, ...more.env } };
}

/** Options of somebody who has logged in to a registry with `docker login`. */
export function loggedIn(host: string, entry: object): ReturnType<typeof hasty> {
  const folder = newFolder();
  writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { [host]: entry } }));
  return hasty({ env: { DOCKER_CONFIG: folder } });
}

/** Packs a script that prints `words`, with as many more bytes as wanted. */
export async function packedScript(
  words: string,
  more: { readonly name?: string; readonly version?: string; readonly bytes?: Buffer } = {},
): Promise<Packed> {
  const cwd = newFolder();
  mkdirSync(join(cwd, "p"));
  writeFileSync(join(cwd, "p", "provider.sh"), `#!/bin/sh\necho '${words}'\n`);
  if (more.bytes !== undefined) writeFileSync(join(cwd, "p", "data.bin"), more.bytes);
  const { name = "orders-input", version = "1.0.0" } = more;
  return packProvider({ sources: ["p"], manifest: { name, version, role: "input" }, cwd });
}
