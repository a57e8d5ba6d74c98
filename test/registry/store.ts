import { createHash, randomUUID } from "node:crypto";

/** A manifest, and how it was declared. */
export interface StoredManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** What one repository holds. */
export class Repository {
  readonly blobs = new Map<string, Buffer>();
  readonly manifests = new Map<string, StoredManifest>();
  readonly tags = new Map<string, string>();
  /** Uploads that have begun. */
  readonly uploads = new Map<string, Buffer>();

  begin(): string {
    const id = randomUUID();
    this.uploads.set(id, Buffer.alloc(0));
    return id;
  }

  /** Manifest of a tag or a digest. */
  manifest(tagOrDigest: string): (StoredManifest & { readonly digest: string }) | undefined {
    const digest = this.tags.get(tagOrDigest) ?? tagOrDigest;
    const found = this.manifests.get(digest);
    return found && { ...found, digest };
  }

  /** Digests that a manifest names and that aren't here. */
  missing(bytes: Buffer): string[] {
    const { manifests = [], config, layers = [] } = JSON.parse(bytes.toString()) as Named;
    const blobs = [...(config === undefined ? [] : [config]), ...layers].filter(
      ({ digest }) => !this.blobs.has(digest),
    );
    return [...blobs, ...manifests.filter(({ digest }) => !this.manifests.has(digest))].map(({ digest }) => digest);
  }
}

interface Named {
  readonly manifests?: readonly { readonly digest: string }[];
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
}

/** `sha256:…` of bytes. */
export function sha256(bytes: Buffer | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
