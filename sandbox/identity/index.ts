import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { signToken } from "./token";

/** A question for a token. */
export interface TokenRequest {
  /** The resource that the token is for. */
  readonly resource: string;
  /** Of a user-assigned identity; null when the machine's own is meant. */
  readonly clientId: string | null;
}

/** How to start the stand-in. */
export interface IdentityOptions {
  /** Client ids of the user-assigned identities that there are; none when absent. */
  readonly clientIds?: readonly string[];
  /** How long a token is good for, in seconds; a day when absent. */
  readonly lifetimeS?: number;
}

/** A stand-in for the endpoint where an App Service or a Container App gets the tokens of its managed identity. */
export interface RunningIdentity {
  /** What tells the Azure libraries where the endpoint is. */
  readonly environment: { readonly IDENTITY_ENDPOINT: string; readonly IDENTITY_HEADER: string };
  /** Signs the tokens: who is to take them has to know it. */
  readonly key: string;
  /** What it was asked for, and has answered. */
  readonly requests: readonly TokenRequest[];
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const ISSUER = "https://sts.windows.net/00000000-0000-0000-0000-000000000000/";
const DAY_S = 86_400;
const SYSTEM_ASSIGNED = "00000000-0000-0000-0000-000000000001";

/** Starts the stand-in on the loopback address. It ends with `close()` or with this process. */
export async function startIdentity({
  clientIds = [],
  lifetimeS = DAY_S,
}: IdentityOptions = {}): Promise<RunningIdentity> {
  const [key, header] = [randomBytes(32).toString("hex"), randomBytes(16).toString("hex")];
  const requests: TokenRequest[] = [];
  const answer = (request: IncomingMessage): readonly [status: number, body: object] => {
    const { searchParams: query } = new URL(request.url ?? "/", `http://${HOST}`);
    const [resource, clientId] = [query.get("resource"), query.get("client_id")];
    if (request.headers["x-identity-header"] !== header)
      return [403, { message: "The header isn't the expected one." }];
    if (resource === null) return [400, { message: "resource is missing" }];
    if (clientId !== null && !clientIds.includes(clientId))
      return [400, { message: "No User Assigned Managed Identity found for the specified client id." }];
    requests.push({ resource, clientId });
    const appid = clientId ?? SYSTEM_ASSIGNED;
    const now = Math.floor(Date.now() / 1000);
    const exp = now + lifetimeS;
    const token = signToken({ aud: resource, iss: ISSUER, iat: now, nbf: now, exp, appid }, key);
    return [200, { access_token: token, client_id: appid, expires_on: String(exp), resource, token_type: "Bearer" }];
  };
  const server = createServer((request, response) => {
    const [status, body] = answer(request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  const port = await listen(server);
  return {
    environment: { IDENTITY_ENDPOINT: `http://${HOST}:${String(port)}/msi/token`, IDENTITY_HEADER: header },
    key,
    requests,
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST, () => resolve((server.address() as AddressInfo).port));
  });
}
