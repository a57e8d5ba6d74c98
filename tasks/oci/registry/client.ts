import type { OutgoingHttpHeaders } from "node:http";
import { backoffMs, sleep } from "../../../lib/retry";
import { isLoopback } from "../reference";
import { Authorizer } from "./authorizer";
import type { Environment } from "./credentials";
import { drop, exchange, type Answer, type Exchange } from "./exchange";
import { isPassing, refusal, RegistryError, unreachable } from "./registry-error";

/** How to talk to registries. */
export interface RegistryOptions {
  readonly env: Environment;
  /** http also where the registry isn't on this machine. */
  readonly insecure?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told when something is tried again. */
  readonly note?: ((line: string) => void) | undefined;
  /** How often something is asked at most (default 6). */
  readonly attempts?: number | undefined;
  /** Pause before the second attempt (default 500); each is twice as long. */
  readonly firstPauseMs?: number | undefined;
}

/** One request to a registry. */
export interface Ask {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path from `/v2/`, or a URL that the registry gave. */
  readonly to: string | URL;
  /** For errors: `pull of ghcr.io/a/x:v1`. */
  readonly what: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Exchange["body"];
  /** Statuses that are answers; others are errors. */
  readonly expect: readonly number[];
}

/** What a token has to allow. */
export type Actions = "pull" | "pull,push";

const HUB_API = "registry-1.docker.io";
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/** The HTTP API of one registry, for one repository of it or for its catalog. */
export class RegistryClient {
  /** `https://ghcr.io` */
  readonly origin: string;
  private readonly authorizer: Authorizer;
  private readonly scope: string;

  constructor(
    /** As references name it. */
    readonly registry: string,
    private readonly options: RegistryOptions,
    repository?: string,
    actions: Actions = "pull",
  ) {
    const plain = isLoopback(registry) || options.insecure === true;
    this.origin = `${plain ? "http" : "https"}://${registry === "docker.io" ? HUB_API : registry}`;
    this.scope = repository === undefined ? "registry:catalog:*" : `repository:${repository}:${actions}`;
    this.authorizer = new Authorizer({ registry, env: options.env, plain, signal: options.signal });
  }

  /** Asks until there is an answer or asking again can't help. The body of the answer is the caller's to read. */
  ask(ask: Ask): Promise<Answer> {
    return this.retried(() => this.askOnce(ask));
  }

  /** Repeats what failed in passing, with growing pauses. `forget` says that the attempt got on, so that counting starts anew. */
  async retried<T>(attempt: (forget: () => void) => Promise<T>): Promise<T> {
    const { attempts = ATTEMPTS, firstPauseMs = FIRST_PAUSE_MS, signal, note } = this.options;
    let failures = 0;
    for (;;) {
      try {
        return await attempt(() => (failures = 0));
      } catch (error) {
        signal?.throwIfAborted();
        if (!isPassing(error) || ++failures >= attempts) throw error;
        const pauseMs = error.retryAfterMs ?? backoffMs(failures, firstPauseMs, LONGEST_PAUSE_MS);
        note?.(`${error.message}; again in ${(pauseMs / 1000).toFixed(1)} s`);
        await sleep(pauseMs, signal);
      }
    }
  }

  /** One attempt: with the token that is known, then with the one that a challenge asks for. */
  async askOnce(ask: Ask): Promise<Answer> {
    try {
      const first = await this.send(ask, this.authorizer.current(this.scope));
      const answer = first.status === 401 ? await this.sendAgain(ask, first) : first;
      if (ask.expect.includes(answer.status)) return answer;
      throw await refusal(answer, this.registry, ask.what);
    } catch (error) {
      throw unreachable(error, this.registry, ask.what);
    }
  }

  private async sendAgain(ask: Ask, unauthorized: Answer): Promise<Answer> {
    const header = await this.authorizer.answer(unauthorized, this.scope);
    if (header === undefined) return unauthorized;
    await drop(unauthorized);
    return this.send(ask, header);
  }

  private async send({ method, to, headers, body }: Ask, authorization: string | undefined): Promise<Answer> {
    let url = to instanceof URL ? to : new URL(`/v2/${to}`, this.origin);
    for (let left = MOST_REDIRECTS; ; left--) {
      const own = url.origin === this.origin && authorization !== undefined ? { authorization } : {};
      const sent = { ...LENGTHLESS[method], ...headers, ...own };
      const answer = await exchange({ method, url, headers: sent, ...(body && { body }), signal: this.options.signal });
      const location = answer.headers.location;
      if (!REDIRECTS.includes(answer.status) || location === undefined || left === 0) return answer;
      await drop(answer);
      url = this.redirected(new URL(location, url));
    }
  }

  /** Content often lies elsewhere; what was encrypted stays so. The token is only for the registry itself. */
  private redirected(url: URL): URL {
    if (url.protocol === "https:" || this.origin.startsWith("http:")) return url;
    const message = `${this.registry} leads to ${url.origin}, which isn't encrypted`;
    throw new RegistryError("CDC_REGISTRY_FAILED", message, { hint: "Ask who runs the registry." });
  }
}

/** Without a length Node would send an empty body in chunks, which some registries refuse. */
const LENGTHLESS: Readonly<Record<string, OutgoingHttpHeaders>> = {
  POST: { "content-length": 0 },
  PUT: { "content-length": 0 },
};
