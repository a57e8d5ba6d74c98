import { readToken } from "../../identity/token";
import { authFailed, checkSignature, type AccessKey, type Claim } from "./shared-access";

/** What tokens are good for. */
export interface KeyRing {
  readonly keys: AccessKey[];
  /** Tokens of Microsoft Entra ID that are taken as they are: nobody here could check them. */
  readonly bearerTokens: readonly string[];
  /** Key of the identity stand-in, whose tokens are checked. */
  readonly identityKey?: string | undefined;
}

const HOUR_MS = 3_600_000;
const AUDIENCE = /^https:\/\/servicebus\.azure\.net\/*$/;

/** Checks a token that a client shows, or its Authorization header. Throws BrokerError. */
export function checkToken(token: string, { keys, bearerTokens, identityKey }: KeyRing, now: number): Claim {
  const bearer = token.replace(/^Bearer /, "");
  if (token.startsWith("SharedAccessSignature ")) return checkSignature(token, keys, now);
  if (bearerTokens.includes(bearer)) return { path: "", expiresAt: now + HOUR_MS };
  const claims = identityKey === undefined ? undefined : readToken(bearer, identityKey);
  if (claims === undefined) throw authFailed("The token is not known here.");
  if (!AUDIENCE.test(claims.aud)) throw authFailed(`The token is for ${claims.aud}.`);
  if (claims.exp * 1000 <= now) throw authFailed("The token has expired.");
  return { path: "", expiresAt: claims.exp * 1000 };
}
