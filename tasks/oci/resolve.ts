import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CdcError } from "../../lib/errors";
import { writeWhole } from "../../lib/generated-files";
import { pathPart } from "../../lib/path-part";
import { placeOf, readPlace } from "./cache/folder";
import { lock, lockedDigest } from "./cache/lock-file";
import type { Pinned } from "./pull";
import { formatReference, taggedName, type Reference } from "./reference";
import type { RegistryClient } from "./registry/client";
import { resolveTag } from "./registry/manifests";
import { RegistryError } from "./registry/registry-error";

/** How a tag becomes a digest. */
export interface ResolveOptions {
  /** Folder of the cache. */
  readonly root: string;
  /** Keeps what tags stand for; none when absent. */
  readonly lockFile?: string | undefined;
  /** Take what the tag stands for now. */
  readonly update?: boolean | undefined;
  /** Ask no registry. */
  readonly offline?: boolean | undefined;
  readonly note?: ((line: string) => void) | undefined;
}

/**
 * The digest that a reference stands for, checked against the lock file. Throws CdcError: CDC_PROVIDER_TAG_MOVED when a
 * tag stands for something else than what is locked, CDC_PROVIDER_OFFLINE when nobody can say what it stands for.
 */
export async function resolveReference(
  reference: Reference,
  open: () => RegistryClient,
  options: ResolveOptions,
): Promise<Pinned> {
  if (reference.digest !== undefined) return { ...reference, digest: reference.digest };
  const { lockFile, update, offline, root } = options;
  const locked = lockFile === undefined || update === true ? undefined : lockedDigest(lockFile, taggedName(reference));
  if (offline === true) return pinned(reference, locked ?? rememberedOrFail(reference, root));
  const current = await currentDigest(reference, open(), locked, options);
  if (locked !== undefined && locked !== current) throw moved(reference, locked, current);
  if (lockFile !== undefined) lock(lockFile, taggedName(reference), current);
  remember(reference, root, current);
  return pinned(reference, current);
}

/** What the registry says; where it can't be reached, what is in the cache. */
async function currentDigest(
  reference: Reference,
  client: RegistryClient,
  locked: string | undefined,
  { root, note }: ResolveOptions,
): Promise<string> {
  const known = locked ?? remembered(reference, root);
  try {
    const digest = await resolveTag(client, reference);
    if (digest !== undefined) return digest;
  } catch (error) {
    const isOut = error instanceof RegistryError && error.code === "CDC_REGISTRY_UNREACHABLE";
    if (!isOut || known === undefined || readPlace(placeOf(root, reference, known)) === undefined) throw error;
    note?.(`${error.message}; going on with ${known} from the cache`);
    return known;
  }
  throw new CdcError("CDC_REGISTRY_NOT_FOUND", `${formatReference(reference)}: there is no such provider or tag`, {
    hint: `\`cdc providers search ${reference.registry}/${reference.repository}\` lists the tags.`,
  });
}

function pinned(reference: Reference, digest: string): Pinned {
  return { ...reference, digest };
}

function moved(reference: Reference, locked: string, current: string): CdcError {
  const name = formatReference(reference);
  return new CdcError(
    "CDC_PROVIDER_TAG_MOVED",
    `${name} stands for ${current} now; the lock file has ${locked}: the tag was moved`,
    {
      hint: `Look at what changed, then \`cdc providers pull ${name} --update\`; or write the old digest behind the name.`,
    },
  );
}

/** What a tag stood for when it was last asked for: for use without a network where no lock file is kept. */
function memory(root: string, { registry, repository, tag = "latest" }: Reference): string {
  return join(root, ...[registry, ...repository.split("/")].map(pathPart), "@tags", pathPart(tag));
}

function remember(reference: Reference, root: string, digest: string): void {
  if (remembered(reference, root) !== digest) writeWhole(memory(root, reference), digest);
}

function remembered(reference: Reference, root: string): string | undefined {
  try {
    return readFileSync(memory(root, reference), "utf8");
  } catch {
    return undefined;
  }
}

function rememberedOrFail(reference: Reference, root: string): string {
  const digest = remembered(reference, root);
  if (digest !== undefined) return digest;
  throw new CdcError("CDC_PROVIDER_OFFLINE", `${formatReference(reference)} was never pulled here`, {
    hint: "Pull it once without --offline, or write its digest behind the name.",
  });
}
