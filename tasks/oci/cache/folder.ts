import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { CdcError } from "../../../lib/errors";
import { pathPart } from "../../../lib/path-part";
import type { ProviderManifest } from "../artifact/provider-manifest";
import { ownPlatform, type Platform } from "../platform";
import type { Reference } from "../reference";
import type { Environment } from "../registry/credentials";

/** What the cache knows of one pulled reference; it lies beside the files. */
export interface CacheRecord {
  /** The reference that was pulled first. */
  readonly reference: string;
  /** Digest of the image index, or of the manifest where there is none. */
  readonly digest: string;
  readonly platform: string;
  readonly pulledAt: string;
  /** A container image has no files here. */
  readonly kind: "provider" | "container";
  readonly manifest?: ProviderManifest;
  /** Bytes of the file that is started, to see whether it is whole. */
  readonly entryBytes?: number;
}

/** A pulled provider and where it lies. */
export interface Cached extends CacheRecord {
  /** Its folder. */
  readonly folder: string;
}

const RECORD = "record.json";
const FILES = "files";

/** Where pulled providers are kept: `CDC_PROVIDER_CACHE`, else the user's cache folder. */
export function cacheFolder(env: Environment): string {
  const given = env["CDC_PROVIDER_CACHE"];
  if (given !== undefined && given !== "") {
    if (isAbsolute(given)) return given;
    throw new CdcError("CDC_PROVIDER_CACHE", `CDC_PROVIDER_CACHE is "${given}"`, {
      hint: "Give a path from the root.",
    });
  }
  const xdg = env["XDG_CACHE_HOME"];
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(env["HOME"] ?? homedir(), ".cache");
  return join(base, "pulumi-cdc", "providers");
}

/** Folder of one digest for one platform. Registry and owner are part of it: names of strangers never meet. */
export function placeOf(
  root: string,
  { registry, repository }: Pick<Reference, "registry" | "repository">,
  digest: string,
  platform: Platform = ownPlatform(),
): string {
  const [algorithm = "", hex = ""] = digest.split(":");
  const names = [registry, ...repository.split("/")].map(pathPart);
  // No part of a name begins with @, so that a digest is never taken for one.
  return join(root, ...names, `@${algorithm}`, hex, `${platform.os}_${platform.architecture}`);
}

/** Where the files of a pulled provider are. */
export function filesOf(place: string): string {
  return join(place, FILES);
}

/** Where the record of a pulled reference is. */
export function recordOf(place: string): string {
  return join(place, RECORD);
}

/** What lies in a place; undefined when it isn't there, or not whole. */
export function readPlace(place: string): Cached | undefined {
  try {
    const record = JSON.parse(readFileSync(recordOf(place), "utf8")) as CacheRecord;
    if (record.kind === "container") return { ...record, folder: place };
    const entry = join(filesOf(place), record.manifest?.entry ?? "");
    return statSync(entry).size === record.entryBytes ? { ...record, folder: place } : undefined;
  } catch {
    return undefined;
  }
}

/** Everything that was pulled, by reference. */
export function listCache(root: string): Cached[] {
  const found: Cached[] = [];
  const visit = (folder: string): void => {
    if (existsSync(recordOf(folder))) {
      const one = readPlace(folder);
      if (one !== undefined) found.push(one);
      return;
    }
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory() && !entry.name.startsWith(".")) visit(join(folder, entry.name));
  };
  if (existsSync(root)) visit(root);
  return found.sort((a, b) => a.reference.localeCompare(b.reference) || a.pulledAt.localeCompare(b.pulledAt));
}
