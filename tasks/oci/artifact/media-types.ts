import type { Platform } from "../platform";

/** What an index or a manifest of a provider says that it is. */
export const PROVIDER = "application/vnd.pulumi-cdc.provider.v1";
/** provider.json: the manifest's config. */
export const PROVIDER_CONFIG = "application/vnd.pulumi-cdc.provider.config.v1+json";
/** The provider's files: the manifest's only layer. */
export const PROVIDER_LAYER = "application/vnd.pulumi-cdc.provider.layer.v1.tar+gzip";
/** What the earlier Go tool publishes: one flat layer per platform. */
export const FLAT_PROVIDER = "application/vnd.dstream.provider";

export const INDEX = "application/vnd.oci.image.index.v1+json";
export const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

/** For the Accept header of a manifest's request. */
export const MANIFEST_TYPES = [INDEX, MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST];

/** Where a file's name is kept with a layer. */
export const TITLE = "org.opencontainers.image.title";
/** Where a layout keeps the tag of what it holds. */
export const REF_NAME = "org.opencontainers.image.ref.name";

/** Points to content by its digest. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly platform?: Platform;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One manifest per platform; a provider that runs everywhere has one without a platform. */
export interface ImageIndex {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly manifests: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What one platform gets. */
export interface ImageManifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Whether what a registry answered lists manifests. */
export function isIndex(value: ImageIndex | ImageManifest): value is ImageIndex {
  return "manifests" in value;
}
