import { join } from "node:path";
import { CdcError } from "../../lib/errors";
import { startOf } from "../start-of";
import type { ProviderManifest } from "./artifact/provider-manifest";
import { cacheFolder, filesOf, placeOf, readPlace, type Cached } from "./cache/folder";
import { containerCommand, type ContainerOptions } from "./container";
import type { Platform } from "./platform";
import { pullPinned, type OnBytes, type Pinned } from "./pull";
import { formatReference, parseReference, type Reference } from "./reference";
import { RegistryClient, type RegistryOptions } from "./registry/client";
import { resolveReference } from "./resolve";

/** How a reference becomes something to start. */
export interface LocalProviderOptions extends RegistryOptions {
  /** `cdc-providers.lock.json` beside the task file; without it nothing is locked. */
  readonly lockFile?: string | undefined;
  /** Take what the tag stands for now, and lock that. */
  readonly update?: boolean | undefined;
  /** Ask no registry: only what was pulled before. */
  readonly offline?: boolean | undefined;
  /** Run it with docker, whatever it is. */
  readonly container?: boolean | undefined;
  readonly platform?: Platform | undefined;
  /** Told while a layer comes in. */
  readonly onBytes?: OnBytes | undefined;
}

/** A provider that can be started on this machine. */
export interface LocalProvider {
  /** Program to start. */
  readonly file: string;
  readonly args: readonly string[];
  readonly name: string;
  readonly digest: string;
  readonly kind: "process" | "container";
  /** provider.json; absent for a container image. */
  readonly manifest?: ProviderManifest;
}

/** Brings a reference to this machine, checked against the lock file and by digest, and says how to start it. */
export async function localProvider(text: string, options: LocalProviderOptions): Promise<LocalProvider> {
  const reference = parseReference(text);
  const client = () => new RegistryClient(reference.registry, options, reference.repository);
  const root = cacheFolder(options.env);
  const pinned = await resolveReference(reference, client, { ...options, root });
  if (options.container === true) return inContainer(pinned, options);
  const cached = await inCache(pinned, client, root, options);
  return cached.kind === "container" ? inContainer(pinned, options) : asProcess(cached);
}

function inCache(
  pinned: Pinned,
  client: () => RegistryClient,
  root: string,
  options: LocalProviderOptions,
): Promise<Cached> {
  if (options.offline !== true) return pullPinned(client(), pinned, { ...options, root });
  const cached = readPlace(placeOf(root, pinned, pinned.digest, options.platform));
  if (cached !== undefined) return Promise.resolve(cached);
  throw new CdcError("CDC_PROVIDER_OFFLINE", `${formatReference(pinned)} isn't in the cache`, {
    hint: "Pull it once without --offline.",
  });
}

/** How a provider in the cache is started. */
export function asProcess({ folder, manifest, digest }: Cached): LocalProvider {
  if (manifest === undefined) throw new Error(`${folder} holds no provider.json`);
  const { name, entry } = manifest;
  return { ...startOf(join(filesOf(folder), entry)), name, digest, kind: "process", manifest };
}

async function inContainer(pinned: Pinned, options: ContainerOptions): Promise<LocalProvider> {
  const { file, args } = await containerCommand(imageName(pinned), options);
  return { file, args, name: pinned.repository.split("/").at(-1) ?? "", digest: pinned.digest, kind: "container" };
}

/** By digest only: what docker runs is what was resolved. */
function imageName({ registry, repository, digest }: Pinned): string {
  return formatReference({ registry, repository, digest } satisfies Reference);
}
