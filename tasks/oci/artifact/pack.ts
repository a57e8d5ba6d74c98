import { join } from "node:path";
import { CdcError } from "../../../lib/errors";
import { platformText } from "../platform";
import { Layout } from "./layout";
import {
  INDEX,
  MANIFEST,
  PROVIDER,
  PROVIDER_CONFIG,
  REF_NAME,
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
} from "./media-types";
import { leftOut, packLayer } from "./pack-layer";
import { partOf, sourceOf, writtenManifest, type Part } from "./pack-source";
import { checked, manifestBytes, type ProviderManifest } from "./provider-manifest";

/** What to pack. */
export interface PackOptions {
  /** Folders or executables, one per platform; `linux/arm64=<path>` says which it is for. */
  readonly sources: readonly string[];
  /** Given by flags; what is missing comes from provider.json. */
  readonly manifest: Partial<Omit<ProviderManifest, "platforms" | "protocol">>;
  /** provider.json, when it isn't in the folder. */
  readonly manifestFile?: string | undefined;
  /** Folder to make; default `<name>-<version>.oci` in `cwd`. */
  readonly output?: string | undefined;
  readonly cwd: string;
}

/** What was packed. */
export interface Packed {
  /** OCI image layout, to be pushed. */
  readonly folder: string;
  readonly digest: string;
  readonly manifest: ProviderManifest;
  /** Bytes of each platform's layer. */
  readonly platforms: readonly { readonly platform: string; readonly bytes: number }[];
  /** What the folders hold and isn't published. */
  readonly leftOut: readonly string[];
}

/** Packs a provider as an image index with a manifest per platform. The same content gives the same digest. */
export async function packProvider(options: PackOptions): Promise<Packed> {
  const sources = options.sources.map((text) => sourceOf(text, options.cwd));
  const given = { ...writtenManifest(options.manifestFile, sources), ...options.manifest };
  const parts = sources.map((source) => partOf(source, given));
  refuseTwice(parts);
  const platforms = parts.map(({ platform }) => platformText(platform));
  const manifests = parts.map((part) =>
    checked({ protocol: 1, ...given, platforms, entry: part.entry }, "the provider"),
  );
  const [first] = manifests;
  if (first === undefined) throw nothing();
  const layout = await Layout.create(options.output ?? join(options.cwd, `${first.name}-${first.version}.oci`));
  const packed: Descriptor[] = [];
  for (const [at, part] of parts.entries()) packed.push(await addPart(layout, part, manifests[at] ?? first));
  const top = await layout.addJson(indexOf(packed, first));
  await layout.finish({ ...top, artifactType: PROVIDER, annotations: { [REF_NAME]: first.version } });
  const sizes = packed.map((one, at) => ({ platform: platforms[at] ?? "", bytes: layerBytes(layout, one) }));
  const folders = sources.filter(({ isFolder }) => isFolder).flatMap(({ path }) => leftOut(path));
  return { folder: layout.folder, digest: top.digest, manifest: first, platforms: sizes, leftOut: folders };
}

function refuseTwice(parts: readonly Part[]): void {
  const names = parts.map(({ platform }) => platformText(platform));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new CdcError("CDC_PROVIDER_PLATFORM", `there are two providers for ${twice}`);
}

async function addPart(
  layout: Layout,
  { path, platform, entry }: Part,
  manifest: ProviderManifest,
): Promise<Descriptor> {
  const config = await layout.addBytes(manifestBytes(manifest), PROVIDER_CONFIG);
  const layer = await packLayer(layout, path, entry);
  const content: ImageManifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType: PROVIDER,
    config,
    layers: [layer],
  };
  const descriptor = await layout.addJson(content);
  return { ...descriptor, artifactType: PROVIDER, ...(platform === undefined ? {} : { platform }) };
}

function indexOf(manifests: readonly Descriptor[], { name, version, description }: ProviderManifest): ImageIndex {
  const annotations = {
    "org.opencontainers.image.title": name,
    "org.opencontainers.image.version": version,
    ...(description === undefined ? {} : { "org.opencontainers.image.description": description }),
  };
  return { schemaVersion: 2, mediaType: INDEX, artifactType: PROVIDER, manifests, annotations };
}

function layerBytes(layout: Layout, manifest: Descriptor): number {
  return layout.json<ImageManifest>(manifest).layers[0]?.size ?? 0;
}

function nothing(): CdcError {
  return new CdcError("CDC_PROVIDER_PACK", "there is nothing to pack", { hint: "Name a folder or an executable." });
}
