import { createHash, type Hash } from "node:crypto";

/** Digest of bytes, as `sha256:…`. */
export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** A hash by the algorithm of a digest. */
export function hashFor(digest: string): Hash {
  return createHash(algorithmOf(digest));
}

/** `sha256` of `sha256:…`. */
export function algorithmOf(digest: string): string {
  return digest.slice(0, digest.indexOf(":"));
}

/** Whether bytes have a digest. */
export function hasDigest(bytes: Buffer, digest: string): boolean {
  return hashFor(digest).update(bytes).digest("hex") === digest.slice(digest.indexOf(":") + 1);
}
