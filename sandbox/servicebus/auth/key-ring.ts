import { authFailed, checkSignature, type AccessKey, type Claim } from "./shared-access";

/** What tokens are good for. */
export interface KeyRing {
  readonly keys: AccessKey[];
  /** Tokens of Microsoft Entra ID that are taken as they are: nobody here could check them. */
  readonly bearerTokens: readonly string[];
}

const HOUR_MS = 3_600_000;

/** Checks a token that a client shows, or its Authorization header. Throws BrokerError. */
export function checkToken(token: string, { keys, bearerTokens }: KeyRing, now: number): Claim {
  const bearer = token.replace(/^Bearer /, "");
  if (token.startsWith("SharedAccessSignature ")) return checkSignature(token, keys, now);
  if (!bearerTokens.includes(bearer)) throw authFailed("The token is not known here.");
  return { path: "", expiresAt: now + HOUR_MS };
}
