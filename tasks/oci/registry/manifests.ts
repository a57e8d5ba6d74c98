import { CdcError } from "../../../lib/errors";
import { digestOf, hasDigest } from "../artifact/digest";
import { MANIFEST_TYPES, type ImageIndex, type ImageManifest } from "../artifact/media-types";
import { formatReference, tagOrDigest, type Reference } from "../reference";
import type { RegistryClient } from "./client";
import { drop, readWhole } from "./exchange";
import { RegistryError } from "./registry-error";

/** A manifest or an index as a registry keeps it. */
export interface StoredManifest {
  readonly digest: string;
  readonly bytes: Buffer;
  readonly content: ImageIndex | ImageManifest;
}

const ACCEPT = { accept: MANIFEST_TYPES.join(", ") };

/** The digest that a tag stands for now; undefined when there is no such tag. */
export async function resolveTag(client: RegistryClient, reference: Reference): Promise<string | undefined> {
  const to = pathOf(reference, tagOrDigest(reference));
  const what = `look-up of ${formatReference(reference)}`;
  const answer = await client.ask({ method: "HEAD", to, what, headers: ACCEPT, expect: [200, 404] });
  await drop(answer);
  if (answer.status === 404) return undefined;
  const digest = answer.headers["docker-content-digest"];
  return typeof digest === "string" ? digest : (await readManifest(client, reference)).digest;
}

/** Reads a manifest or an index, checked against the digest when the reference has one. */
export async function readManifest(client: RegistryClient, reference: Reference): Promise<StoredManifest> {
  const to = pathOf(reference, tagOrDigest(reference));
  const what = `pull of ${formatReference(reference)}`;
  const answer = await client.ask({ method: "GET", to, what, headers: ACCEPT, expect: [200] });
  const bytes = await readWhole(answer);
  if (reference.digest !== undefined && !hasDigest(bytes, reference.digest))
    throw wrongDigest(formatReference(reference), digestOf(bytes), reference.digest);
  return { digest: reference.digest ?? digestOf(bytes), bytes, content: parsed(bytes, what) };
}

/** Stores a manifest under a tag or its digest. */
export async function putManifest(
  client: RegistryClient,
  reference: Reference,
  { bytes, mediaType }: { readonly bytes: Buffer; readonly mediaType: string },
): Promise<void> {
  const answer = await client.ask({
    method: "PUT",
    to: pathOf(reference, tagOrDigest(reference)),
    what: `push of ${formatReference(reference)}`,
    headers: { "content-type": mediaType, "content-length": bytes.length },
    body: bytes,
    expect: [200, 201, 202],
  });
  await drop(answer);
}

/** The error for content that isn't what its digest promises. */
export function wrongDigest(what: string, found: string, wanted: string): CdcError {
  return new CdcError("CDC_PROVIDER_DIGEST", `${what} is ${found}, not ${wanted}: it was damaged or replaced`, {
    hint: "Nothing of it was kept. Run the command again; if it goes on, ask who runs the registry.",
  });
}

function pathOf({ repository }: Reference, tagged: string): string {
  return `${repository}/manifests/${tagged}`;
}

function parsed(bytes: Buffer, what: string): ImageIndex | ImageManifest {
  try {
    const content = JSON.parse(bytes.toString()) as Partial<ImageIndex & ImageManifest> | null;
    if (Array.isArray(content?.manifests) || (content?.config && Array.isArray(content.layers)))
      return content as ImageIndex | ImageManifest;
  } catch {
    // Told below.
  }
  throw new RegistryError("CDC_REGISTRY_FAILED", `${what}: the answer is neither an image index nor a manifest`, {
    hint: "Old formats (schema 1) are not read.",
  });
}
