import { createHmac, timingSafeEqual } from "node:crypto";

/** What a token says. */
export interface TokenClaims {
  /** The resource that it is for, such as `https://servicebus.azure.net/`. */
  readonly aud: string;
  /** Who has made it. */
  readonly iss: string;
  /** When it was made, in seconds since 1970. */
  readonly iat: number;
  /** Beginning of its time, likewise. */
  readonly nbf: number;
  /** End of its time, likewise. */
  readonly exp: number;
  /** Client id of the identity. */
  readonly appid: string;
}

const HEADER = part({ alg: "HS256", typ: "JWT" });

/** A JSON Web Token, signed with a key. */
export function signToken(claims: TokenClaims, key: string): string {
  const body = `${HEADER}.${part(claims)}`;
  return `${body}.${signature(body, key)}`;
}

/** What a token says that was signed with this key; undefined when it wasn't. */
export function readToken(token: string, key: string): TokenClaims | undefined {
  const [header = "", claims = "", given = ""] = token.split(".");
  const [expected, found] = [Buffer.from(signature(`${header}.${claims}`, key)), Buffer.from(given)];
  if (header !== HEADER || expected.length !== found.length || !timingSafeEqual(expected, found)) return undefined;
  return JSON.parse(Buffer.from(claims, "base64url").toString()) as TokenClaims;
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function signature(body: string, key: string): string {
  return createHmac("sha256", key).update(body).digest("base64url");
}
