import { CdcError } from "../../lib/errors";
import { isIndex, PROVIDER_CONFIG } from "./artifact/media-types";
import { readProviderManifest, type ProviderManifest } from "./artifact/provider-manifest";
import { isRegistry, parseRepository, type Reference } from "./reference";
import { RegistryClient, type RegistryOptions } from "./registry/client";
import { readBlob } from "./registry/download";
import { readManifest } from "./registry/manifests";
import { RegistryError } from "./registry/registry-error";
import { repositoriesOf, tagsOf } from "./registry/tags";

/** What to search, and where. */
export interface SearchOptions extends RegistryOptions {
  /** Where a word is searched that names no registry. */
  readonly registry?: string | undefined;
  /** Repositories to look into at most (default 100). */
  readonly limit?: number | undefined;
}

/** A repository that was found. */
export interface Found {
  /** `ghcr.io/owner/name` */
  readonly name: string;
  /** Newest last, as far as versions tell. */
  readonly tags: readonly string[];
  readonly kind: "provider" | "image" | "unknown";
  readonly role?: ProviderManifest["role"];
  readonly description?: string;
  /** provider.json of the newest tag. */
  readonly manifest?: ProviderManifest;
}

const LIMIT = 100;
const AT_ONCE = 4;

/**
 * Searches a registry: `ghcr.io/owner` for what an owner has, `ghcr.io/owner/name` for the tags of one, a word for names
 * in `options.registry` that contain it.
 */
export async function searchRegistry(text: string, options: SearchOptions): Promise<Found[]> {
  const place = placeOf(text, options);
  const all = await repositoriesOf(new RegistryClient(place.registry, options));
  const names = all === undefined ? [place.prefix] : all.filter((name) => matches(name, place));
  // A registry may list others' names only, or none: the name itself may still be a repository.
  if (names.length === 0 && place.prefix !== "") names.push(place.prefix);
  const found = await inTurn(names.sort().slice(0, options.limit ?? LIMIT), (name) =>
    look(place.registry, name, options),
  );
  if (found.length === 0 && all === undefined) throw notListed(place);
  return found;
}

interface Place {
  readonly registry: string;
  /** Repository, or the beginning of its name; empty for all. */
  readonly prefix: string;
  /** Anywhere in the name. */
  readonly word: string;
}

function placeOf(text: string, { registry }: SearchOptions): Place {
  const first = text.split("/")[0] ?? "";
  const namesRegistry = isRegistry(first) && (/[.:]/.test(first) || first === "localhost");
  if (namesRegistry) {
    const prefix = text.slice(first.length).replace(/^\/|\/$/g, "");
    return { registry: prefix === "" ? first : parseRepository(`${first}/${prefix}`).registry, prefix, word: "" };
  }
  if (registry !== undefined && isRegistry(registry)) return { registry, prefix: "", word: text.toLowerCase() };
  throw new CdcError("CDC_PROVIDER_REFERENCE", `where to search for "${text}" isn't said`, {
    hint: "Write the registry in front (ghcr.io/owner), or name it with --registry.",
  });
}

function matches(name: string, { prefix, word }: Place): boolean {
  if (word !== "") return name.includes(word);
  return prefix === "" || name === prefix || name.startsWith(`${prefix}/`);
}

async function look(registry: string, repository: string, options: SearchOptions): Promise<Found | undefined> {
  const reference: Reference = { registry, repository };
  const client = new RegistryClient(registry, options, repository);
  const tags = repository === "" ? undefined : await tagsOf(client, reference);
  if (tags === undefined) return undefined;
  const sorted = tags.sort(byVersion);
  const newest = sorted.at(-1);
  const name = `${registry}/${repository}`;
  if (newest === undefined) return { name, tags: [], kind: "unknown" };
  return { name, tags: sorted, ...(await describe(client, { ...reference, tag: newest })) };
}

/** What the newest tag says of itself; what can't be read is no reason to find nothing. */
async function describe(client: RegistryClient, reference: Reference): Promise<Omit<Found, "name" | "tags">> {
  try {
    const top = (await readManifest(client, reference)).content;
    const digest = isIndex(top) ? top.manifests[0]?.digest : undefined;
    const inner = digest === undefined ? top : (await readManifest(client, { ...reference, digest })).content;
    if (isIndex(inner) || inner.config.mediaType !== PROVIDER_CONFIG) return { kind: "image" };
    const config = await readBlob(client, reference, inner.config);
    return providerFound(readProviderManifest(config.toString(), "provider.json"));
  } catch (error) {
    if (error instanceof RegistryError || error instanceof CdcError) return { kind: "unknown" };
    throw error;
  }
}

/** What provider.json says, the words that are shown first. */
export function providerFound(manifest: ProviderManifest): Omit<Found, "name" | "tags"> {
  const { role, description } = manifest;
  return { kind: "provider", role, ...(description === undefined ? {} : { description }), manifest };
}

/** `v1.9.0` before `v1.10.0`; a pre-release before its release. */
function byVersion(a: string, b: string): number {
  const [left, right] = [a, b].map((tag) => tag.replace(/^v/, "").replace(/^(\d+(?:\.\d+)*)$/, "$1~"));
  return (left ?? "").localeCompare(right ?? "", "en", { numeric: true });
}

async function inTurn(names: readonly string[], work: (name: string) => Promise<Found | undefined>): Promise<Found[]> {
  const found: Found[] = [];
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = await Promise.all(names.slice(at, at + AT_ONCE).map(work));
    found.push(...some.filter((one) => one !== undefined));
  }
  return found;
}

function notListed({ registry, prefix }: Place): CdcError {
  const message = `${registry} doesn't list its repositories${prefix === "" ? "" : `, and ${prefix} is none that it shows`}`;
  return new CdcError("CDC_REGISTRY_NOT_FOUND", message, {
    hint: `Name one, such as ${registry}/owner/name; many public registries answer no search.`,
  });
}
