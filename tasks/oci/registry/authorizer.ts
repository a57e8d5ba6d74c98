import { RegistryError, refusal } from "./registry-error";
import { parseChallenges, type Challenge } from "./challenge";
import { credentialsFor, type Credentials, type Environment } from "./credentials";
import { exchange, readWhole, type Answer } from "./exchange";

/** Where and as whom an authorizer works. */
export interface AuthorizerOptions {
  readonly registry: string;
  readonly env: Environment;
  /** Tokens may be asked for over http. */
  readonly plain: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Answers a registry's challenges with what `docker login` left, and keeps the tokens for as long as a run lasts. */
export class Authorizer {
  private readonly headers = new Map<string, string>();
  private known: Promise<Credentials | undefined> | undefined;

  constructor(private readonly options: AuthorizerOptions) {}

  /** The Authorization header to try first for a scope; undefined before the first challenge. */
  current(scope: string): string | undefined {
    return this.headers.get(scope);
  }

  /** The header that answers a 401; undefined when there is nothing to answer with. */
  async answer(unauthorized: Answer, scope: string): Promise<string | undefined> {
    const challenges = parseChallenges(unauthorized.headers["www-authenticate"]);
    const credentials = await this.credentials();
    const header = await this.firstHeader(challenges, credentials, scope);
    if (header === undefined || header === this.headers.get(scope)) return undefined;
    this.headers.set(scope, header);
    return header;
  }

  private credentials(): Promise<Credentials | undefined> {
    this.known ??= credentialsFor(this.options.registry, this.options.env);
    return this.known;
  }

  private async firstHeader(
    challenges: readonly Challenge[],
    credentials: Credentials | undefined,
    scope: string,
  ): Promise<string | undefined> {
    const bearer = challenges.find(({ scheme, realm }) => scheme === "bearer" && realm !== undefined);
    if (bearer !== undefined) return `Bearer ${await this.token(bearer, credentials, scope)}`;
    const takesBasic = challenges.some(({ scheme }) => scheme === "basic");
    return takesBasic && credentials !== undefined && "user" in credentials ? basic(credentials) : undefined;
  }

  /** Asks the token server that the registry names. Public content gets one without credentials. */
  private async token(challenge: Challenge, credentials: Credentials | undefined, scope: string): Promise<string> {
    const { registry, plain, signal } = this.options;
    const url = new URL(challenge.realm ?? "");
    if (url.protocol !== "https:" && !plain)
      throw new RegistryError(
        "CDC_REGISTRY_DENIED",
        `${registry} sends logins to ${url.origin}, which isn't encrypted`,
        {
          hint: "Nothing was sent. Use --insecure only where nobody can listen.",
        },
      );
    const wanted = challenge.scope ?? scope;
    const request =
      credentials !== undefined && "identityToken" in credentials
        ? exchangeOf(url, challenge, wanted, credentials.identityToken)
        : askFor(url, challenge, wanted, credentials);
    const answer = await exchange({ ...request, signal });
    if (answer.status !== 200) throw await refusal(answer, url.host, `login to ${registry}`);
    return tokenIn(await readWhole(answer), registry);
  }
}

type Request = Omit<Parameters<typeof exchange>[0], "signal">;

function askFor(url: URL, { service }: Challenge, scope: string, credentials: Credentials | undefined): Request {
  if (service !== undefined) url.searchParams.set("service", service);
  for (const one of scope.split(" ")) url.searchParams.append("scope", one);
  const known = credentials !== undefined && "user" in credentials;
  return { method: "GET", url, headers: known ? { authorization: basic(credentials) } : {} };
}

function exchangeOf(url: URL, { service = "" }: Challenge, scope: string, token: string): Request {
  const form = { grant_type: "refresh_token", service, scope, client_id: "pulumi-cdc", refresh_token: token };
  const body = Buffer.from(new URLSearchParams(form).toString());
  const headers = { "content-type": "application/x-www-form-urlencoded", "content-length": body.length };
  return { method: "POST", url, headers, body };
}

function tokenIn(body: Buffer, registry: string): string {
  const { token, access_token: access } = JSON.parse(body.toString()) as { token?: string; access_token?: string };
  const found = token ?? access;
  if (found) return found;
  throw new RegistryError("CDC_REGISTRY_DENIED", `the login to ${registry} gave no token`, {
    hint: `Log in again with \`docker login ${registry}\`.`,
  });
}

function basic({ user, password }: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
