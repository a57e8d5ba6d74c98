import type { IncomingMessage, ServerResponse } from "node:http";

/** Who may do what at the stand-in. */
export interface RegistryAuth {
  readonly kind: "basic" | "bearer";
  readonly user: string;
  readonly password: string;
  /** Exchanged for tokens by POST. */
  readonly identityToken?: string;
  /** Pull needs no login (the token server gives everybody a token). */
  readonly isPublic?: boolean;
  /** How many requests a token is good for. */
  readonly tokenUses?: number;
}

/** Plays a registry's login: Basic, or tokens from `/token`. */
export class Gate {
  private readonly tokens = new Map<string, { scope: string; left: number }>();
  private issued = 0;

  constructor(
    private readonly auth: RegistryAuth,
    private readonly origin: () => string,
  ) {}

  /** Answers `/token`, or refuses what isn't allowed; true when it has answered. */
  async handled(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    if (url.pathname === "/token") {
      await this.giveToken(request, response, url);
      return true;
    }
    const scope = scopeOf(request.method ?? "", url.pathname);
    if (this.allows(request.headers.authorization, scope)) return false;
    const challenge =
      this.auth.kind === "basic"
        ? 'Basic realm="stand-in"'
        : `Bearer realm="${this.origin()}/token",service="stand-in",scope="${scope}",error="invalid_token"`;
    response.writeHead(401, { "www-authenticate": challenge, "content-type": "application/json" });
    response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
    return true;
  }

  private allows(header: string | undefined, scope: string): boolean {
    if (this.auth.kind === "basic") return header === this.basic();
    const known = this.tokens.get(/^Bearer (.+)$/.exec(header ?? "")?.[1] ?? "");
    if (known === undefined || known.left <= 0) return false;
    known.left--;
    const [name, actions = ""] = split(known.scope);
    const [wanted, action = ""] = split(scope);
    return name === wanted && action.split(",").every((one) => actions.split(",").includes(one));
  }

  private async giveToken(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const form = new URLSearchParams(await bodyOf(request));
    const scope = url.searchParams.get("scope") ?? form.get("scope") ?? "";
    const isKnown =
      request.headers.authorization === this.basic() ||
      (this.auth.identityToken !== undefined && form.get("refresh_token") === this.auth.identityToken);
    if (!isKnown && !(this.auth.isPublic === true && scope.endsWith(":pull"))) {
      response.writeHead(401).end('{"details":"incorrect username or password"}');
      return;
    }
    const token = `token-${String(++this.issued)}`;
    this.tokens.set(token, { scope, left: this.auth.tokenUses ?? Infinity });
    response.end(JSON.stringify(form.size > 0 ? { access_token: token } : { token }));
  }

  private basic(): string {
    return `Basic ${Buffer.from(`${this.auth.user}:${this.auth.password}`).toString("base64")}`;
  }
}

function scopeOf(method: string, path: string): string {
  const [, name = ""] = /^\/v2\/(.+)\/(?:blobs|manifests|tags)\//.exec(path) ?? [];
  if (name === "") return "registry:catalog:*";
  return `repository:${name}:${method === "GET" || method === "HEAD" ? "pull" : "pull,push"}`;
}

function split(scope: string): [string, string | undefined] {
  const at = scope.lastIndexOf(":");
  return [scope.slice(0, at), scope.slice(at + 1)];
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
