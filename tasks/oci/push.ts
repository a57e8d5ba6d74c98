import { CdcError } from "../../lib/errors";
import { Layout } from "./artifact/layout";
import { PROVIDER, type Descriptor, type ImageIndex, type ImageManifest } from "./artifact/media-types";
import { readProviderManifest, type ProviderManifest } from "./artifact/provider-manifest";
import { platformText } from "./platform";
import { formatReference, parseReference, type Reference } from "./reference";
import { RegistryClient, type RegistryOptions } from "./registry/client";
import { putManifest, resolveTag } from "./registry/manifests";
import { uploadBlob } from "./registry/upload";

/** How a packed provider is pushed. */
export interface PushOptions extends RegistryOptions {
  /** Move a tag that stands for something else. */
  readonly force?: boolean | undefined;
  /** Larger blobs are sent in pieces of so many bytes. */
  readonly pieceBytes?: number | undefined;
  /** Told of each blob that the registry has now. */
  readonly onBlob?: ((bytes: number, wasThere: boolean) => void) | undefined;
}

/** What was pushed. */
export interface Pushed {
  readonly reference: string;
  readonly digest: string;
  readonly manifest: ProviderManifest;
  readonly platforms: readonly string[];
  /** Bytes that were sent; what the registry had isn't sent again. */
  readonly bytes: number;
}

/** Pushes a packed provider: blobs, a manifest per platform, then the index under the tag, so that nobody pulls half of it. */
export async function pushProvider(folder: string, text: string, options: PushOptions): Promise<Pushed> {
  const layout = Layout.open(folder);
  const top = layout.top();
  if (top.artifactType !== PROVIDER) throw noProvider(folder);
  const index = layout.json<ImageIndex>(top);
  const manifest = manifestIn(layout, index, folder);
  const reference = tagged(parseReference(text), manifest);
  const client = new RegistryClient(reference.registry, options, reference.repository, "pull,push");
  await refuseMove(client, reference, top.digest, options);
  let bytes = 0;
  for (const one of index.manifests) bytes += await pushManifest(client, layout, reference, one, options);
  await putManifest(client, reference, { bytes: layout.bytes(top), mediaType: top.mediaType });
  const platforms = index.manifests.map(({ platform }) => platformText(platform));
  return { reference: formatReference(reference), digest: top.digest, manifest, platforms, bytes };
}

function manifestIn(layout: Layout, { manifests }: ImageIndex, folder: string): ProviderManifest {
  const [first] = manifests;
  if (first === undefined) throw noProvider(folder);
  const { config } = layout.json<ImageManifest>(first);
  return readProviderManifest(layout.bytes(config).toString(), `provider.json in ${folder}`);
}

/** Without a tag a provider is pushed under its version. */
function tagged(reference: Reference, { version }: ProviderManifest): Reference {
  if (reference.digest !== undefined)
    throw new CdcError(
      "CDC_PROVIDER_REFERENCE",
      `${formatReference(reference)}: a push goes to a tag, not to a digest`,
      {
        hint: "Leave the digest out.",
      },
    );
  return { ...reference, tag: reference.tag ?? version.replace("+", "_") };
}

/** Others have locked what a tag stands for: their runs would stop. */
async function refuseMove(
  client: RegistryClient,
  reference: Reference,
  digest: string,
  { force }: PushOptions,
): Promise<void> {
  if (force === true) return;
  const current = await resolveTag(client, reference);
  if (current === undefined || current === digest) return;
  throw new CdcError(
    "CDC_PROVIDER_TAG_TAKEN",
    `${formatReference(reference)} is ${current}; this would make it ${digest}`,
    {
      hint: "Push under a new version; or --force, which stops everybody who has locked the old one.",
    },
  );
}

async function pushManifest(
  client: RegistryClient,
  layout: Layout,
  reference: Reference,
  descriptor: Descriptor,
  { pieceBytes, onBlob }: PushOptions,
): Promise<number> {
  const { config, layers } = layout.json<ImageManifest>(descriptor);
  let bytes = 0;
  for (const blob of [config, ...layers]) {
    const wasSent = await uploadBlob(client, reference, { blob, path: layout.path(blob) }, pieceBytes);
    if (wasSent) bytes += blob.size;
    onBlob?.(blob.size, !wasSent);
  }
  const { registry, repository } = reference;
  const byDigest = { registry, repository, digest: descriptor.digest };
  await putManifest(client, byDigest, { bytes: layout.bytes(descriptor), mediaType: descriptor.mediaType });
  return bytes;
}

function noProvider(folder: string): CdcError {
  return new CdcError("CDC_PROVIDER_LAYOUT", `${folder} holds an image, but no provider`, {
    hint: "Make one with `cdc providers pack`.",
  });
}
