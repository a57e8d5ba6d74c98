import { CdcError } from "../../lib/errors";

/** What a name such as `localhost:5000/owner/name:v1` points to. */
export interface Reference {
  /** Host and port, `docker.io` when none is written. */
  readonly registry: string;
  /** `owner/name`, of any depth. */
  readonly repository: string;
  readonly tag?: string;
  /** Algorithm and hex; it wins over the tag. */
  readonly digest?: string;
}

const DOCKER_HUB = "docker.io";
const REGISTRY =
  /^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?::\d{1,5})?$/i;
const PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const LONGEST_NAME = 255;

/** Reads a reference as Docker does. Throws CdcError (CDC_PROVIDER_REFERENCE) that says which part is wrong. */
export function parseReference(text: string): Reference {
  const [named, digest] = cut(text, text.indexOf("@"));
  if (digest !== undefined) demand(DIGEST.test(digest), text, `"${digest}" is no digest: sha256: and 64 hex digits`);
  const colon = named.lastIndexOf(":");
  const [name, tag] = cut(named, colon > named.lastIndexOf("/") ? colon : -1);
  if (tag !== undefined) demand(TAG.test(tag), text, `"${tag}" is no tag`);
  return {
    ...parseRepository(name, text),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Reads what has neither tag nor digest: `ghcr.io/owner`. */
export function parseRepository(name: string, shown = name): Reference {
  demand(!name.includes("://"), shown, "a reference has no https:// in front");
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const hasRegistry = /[.:[A-Z]/.test(first) || first === "localhost";
  const registry = hasRegistry ? first : DOCKER_HUB;
  const rest = hasRegistry ? name.slice(slash + 1) : name;
  demand(isRegistry(registry), shown, `"${registry}" is no registry: a host, and a port if it needs one`);
  const parts = rest.split("/");
  const wrong = parts.find((part) => !PART.test(part));
  demand(
    wrong === undefined,
    shown,
    `"${wrong ?? ""}" is no part of a name: lower-case letters, digits, and . _ - between them`,
  );
  demand(rest.length <= LONGEST_NAME, shown, "the name is too long");
  return completed(registry, rest, parts.length);
}

function completed(registry: string, repository: string, parts: number): Reference {
  const host = registry.toLowerCase();
  const isHub = host === DOCKER_HUB || host === "index.docker.io" || host === "registry-1.docker.io";
  return isHub
    ? { registry: DOCKER_HUB, repository: parts === 1 ? `library/${repository}` : repository }
    : { registry: host, repository };
}

/** Whether a text names a host that can be a registry. */
export function isRegistry(text: string): boolean {
  return REGISTRY.test(text) && Number(/:(\d+)$/.exec(text)?.[1] ?? 0) <= 65_535;
}

/** The reference in full, as it is printed. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** The same thing with its tag, `latest` when none is written: what a lock file is keyed by. */
export function taggedName({ registry, repository, tag = "latest" }: Reference): string {
  return formatReference({ registry, repository, tag });
}

/** What a registry's API calls it: the digest, else the tag. */
export function tagOrDigest({ tag = "latest", digest }: Reference): string {
  return digest ?? tag;
}

/** Whether a registry runs on this machine, where http will do. */
export function isLoopback(registry: string): boolean {
  const host = registry.replace(/:\d+$/, "");
  return /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(host);
}

function cut(text: string, at: number): [string, string | undefined] {
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function demand(holds: boolean, reference: string, reason: string): void {
  if (holds) return;
  throw new CdcError("CDC_PROVIDER_REFERENCE", `"${reference}" is no reference of a provider: ${reason}`, {
    hint: "Write it as registry/owner/name:tag, such as ghcr.io/acme/orders-input:v1.2.0, or with @sha256:… instead of the tag.",
  });
}
