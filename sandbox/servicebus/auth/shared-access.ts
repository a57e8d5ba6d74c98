import { createHmac, timingSafeEqual } from "node:crypto";
import { BrokerError } from "../errors";

/** A key of the namespace. */
export interface AccessKey {
  readonly name: string;
  key: string;
}

/** What a token lets its bearer use. */
export interface Claim {
  /** Path of an entity, or empty for all. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Checks a shared access signature against the namespace's keys. Throws BrokerError (com.microsoft:auth-failed). */
export function checkSignature(token: string, keys: readonly AccessKey[], now: number): Claim {
  const rest = token.slice(token.indexOf(" ") + 1);
  const fields = new Map(rest.split("&").map((field) => splitOnce(field)));
  const resource = fields.get("sr") ?? "";
  const expiry = fields.get("se") ?? "";
  const key = keys.find(({ name }) => name === decodeURIComponent(fields.get("skn") ?? ""));
  if (!key) throw authFailed("The token names a key that the namespace doesn't have.");
  if (!equal(sign(resource, expiry, key.key), decodeURIComponent(fields.get("sig") ?? "")))
    throw authFailed("The token has an invalid signature.");
  const expiresAt = Number(expiry) * 1000;
  if (!(expiresAt > now)) throw authFailed("The token has expired.");
  return { path: pathOf(decodeURIComponent(resource)), expiresAt };
}

/** The path in the URI of an entity, without slashes at the ends, in lower case. */
export function pathOf(uri: string): string {
  return uri
    .toLowerCase()
    .replace(/^[a-z]+:\/\/[^/]*/, "")
    .replace(/\?.*$/, "")
    .replace(/^\/+|\/+$/g, "");
}

/** Whether a claim covers the entity of that path. */
export function covers(claim: Claim, path: string, now: number): boolean {
  if (claim.expiresAt <= now) return false;
  const entity = path.toLowerCase();
  return claim.path === "" || entity === claim.path || entity.startsWith(`${claim.path}/`);
}

function sign(resource: string, expiry: string, key: string): string {
  return createHmac("sha256", key).update(`${resource}\n${expiry}`).digest("base64");
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function splitOnce(field: string): [string, string] {
  const at = field.indexOf("=");
  return [field.slice(0, at), field.slice(at + 1)];
}

/** The token isn't good. */
export function authFailed(message: string): BrokerError {
  return new BrokerError("com.microsoft:auth-failed", message);
}
