import { chmod, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CdcError } from "../../lib/errors";
import {
  FLAT_PROVIDER,
  isIndex,
  PROVIDER_CONFIG,
  PROVIDER_LAYER,
  TITLE,
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
} from "./artifact/media-types";
import { readProviderManifest, type ProviderManifest } from "./artifact/provider-manifest";
import { unpackLayer } from "./artifact/unpack";
import { filesOf, placeOf, readPlace, recordOf, type Cached, type CacheRecord } from "./cache/folder";
import { makeWhole } from "./cache/unfinished";
import { ownPlatform, platformText, samePlatform, type Platform } from "./platform";
import { formatReference, type Reference } from "./reference";
import type { RegistryClient } from "./registry/client";
import { downloadBlob, readBlob } from "./registry/download";
import { readManifest } from "./registry/manifests";

/** Told while a layer comes in. */
export type OnBytes = (received: number, total: number) => void;

/** What a pull needs. */
export interface PullOptions {
  /** Folder of the cache. */
  readonly root: string;
  readonly platform?: Platform | undefined;
  readonly onBytes?: OnBytes | undefined;
}

/** A reference with its digest. */
export type Pinned = Reference & { readonly digest: string };

/** Brings one digest into the cache, this platform's part of it only. What the cache has isn't asked for. */
export async function pullPinned(client: RegistryClient, pinned: Pinned, options: PullOptions): Promise<Cached> {
  const { root, platform = ownPlatform(), onBytes } = options;
  const place = placeOf(root, pinned, pinned.digest, platform);
  const known = readPlace(place);
  if (known !== undefined) return known;
  const found = await manifestFor(client, pinned, platform);
  const fill = (folder: string) => fillPlace({ client, pinned, platform, onBytes }, found, folder);
  await makeWhole(root, place, fill, () => readPlace(place) !== undefined);
  const cached = readPlace(place);
  if (cached !== undefined) return cached;
  throw new CdcError("CDC_PROVIDER_CACHE", `${place} was changed while ${formatReference(pinned)} was pulled`, {
    hint: "Run the command again.",
  });
}

interface Pull {
  readonly client: RegistryClient;
  readonly pinned: Pinned;
  readonly platform: Platform;
  readonly onBytes?: OnBytes | undefined;
}

/** The manifest for a platform: through the index when there is one. */
async function manifestFor(client: RegistryClient, pinned: Pinned, platform: Platform): Promise<ImageManifest> {
  const { content } = await readManifest(client, pinned);
  if (!isIndex(content)) return content;
  const chosen = chooseManifest(content, platform, pinned);
  const inner = await readManifest(client, { ...pinned, digest: chosen.digest });
  if (!isIndex(inner.content)) return inner.content;
  throw new CdcError("CDC_PROVIDER_IMAGE", `${formatReference(pinned)}: an index inside an index isn't read`, {
    hint: "Push it with `cdc providers push`.",
  });
}

/** This platform's manifest, else the one that runs anywhere. Throws CdcError (CDC_PROVIDER_PLATFORM) that names those there are. */
export function chooseManifest({ manifests }: ImageIndex, platform: Platform, reference: Reference): Descriptor {
  const exact = manifests.find((one) => one.platform !== undefined && samePlatform(one.platform, platform));
  const found = exact ?? manifests.find((one) => one.platform === undefined);
  if (found !== undefined) return found;
  const there = manifests.map((one) => platformText(one.platform)).filter((name) => name !== "unknown/unknown");
  const message = `${formatReference(reference)} doesn't run on ${platformText(platform)}, only on ${there.join(", ")}`;
  throw new CdcError("CDC_PROVIDER_PLATFORM", message, {
    hint: "Ask its publisher, or run it in a container with --container.",
  });
}

async function fillPlace(pull: Pull, manifest: ImageManifest, folder: string): Promise<void> {
  const { pinned, platform } = pull;
  const { digest, ...named } = pinned;
  const files = filesOf(folder);
  await mkdir(files, { recursive: true });
  const provider = await fetchFiles(pull, manifest, folder, files);
  const record: CacheRecord = {
    reference: formatReference(named),
    digest,
    platform: platformText(platform),
    pulledAt: new Date().toISOString(),
    ...(provider === undefined ? { kind: "container" } : await entryRecord(files, provider)),
  };
  await writeFile(recordOf(folder), `${JSON.stringify(record, undefined, 2)}\n`);
}

async function entryRecord(
  files: string,
  manifest: ProviderManifest,
): Promise<Pick<CacheRecord, "kind" | "manifest" | "entryBytes">> {
  const entry = join(files, manifest.entry);
  await chmod(entry, 0o755);
  return { kind: "provider", manifest, entryBytes: (await stat(entry)).size };
}

/** Answers provider.json; undefined for what is no provider of ours but an image to run in a container. */
async function fetchFiles(
  pull: Pull,
  manifest: ImageManifest,
  folder: string,
  files: string,
): Promise<ProviderManifest | undefined> {
  const { client, pinned } = pull;
  const layer = manifest.layers.find(({ mediaType }) => mediaType === PROVIDER_LAYER);
  if (manifest.config.mediaType === PROVIDER_CONFIG && layer !== undefined) {
    const config = await readBlob(client, pinned, manifest.config);
    const archive = join(folder, "layer");
    await download(pull, layer, archive);
    await unpackLayer(archive, files);
    await rm(archive);
    return readProviderManifest(config.toString(), `provider.json of ${formatReference(pinned)}`);
  }
  return isFlat(manifest) ? fetchFlat(pull, manifest, files) : undefined;
}

/** What the earlier Go tool publishes: a layer per platform, named `plugin.linux_amd64` and so on, and provider.json. */
async function fetchFlat(pull: Pull, { layers }: ImageManifest, files: string): Promise<ProviderManifest> {
  const { client, pinned, platform } = pull;
  const named = (name: string) => layers.find(({ annotations }) => annotations?.[TITLE] === name);
  const extension = platform.os === "windows" ? ".exe" : "";
  const wanted = `plugin.${platform.os}_${platform.architecture}${extension}`;
  const [layer, config] = [named(wanted), named("provider.json")];
  if (layer === undefined || config === undefined)
    throw new CdcError(
      "CDC_PROVIDER_PLATFORM",
      `${formatReference(pinned)} has no ${layer ? "provider.json" : wanted}`,
      {
        hint: "Ask its publisher.",
      },
    );
  const text = (await readBlob(client, pinned, config)).toString();
  const manifest = readProviderManifest(text, `provider.json of ${formatReference(pinned)}`);
  const entry = `plugin${extension}`;
  await mkdir(dirname(join(files, entry)), { recursive: true });
  await download(pull, layer, join(files, entry));
  return { ...manifest, entry };
}

function isFlat({ artifactType, config, layers }: ImageManifest): boolean {
  const isNamed = artifactType === FLAT_PROVIDER || config.mediaType === FLAT_PROVIDER;
  return isNamed || layers.some(({ annotations }) => annotations?.[TITLE]?.startsWith("plugin.") === true);
}

async function download({ client, pinned, onBytes }: Pull, layer: Descriptor, path: string): Promise<void> {
  let received = 0;
  await downloadBlob(client, pinned, layer, path, (count) => {
    received += count;
    onBytes?.(received, layer.size);
  });
}
