import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Gate, type RegistryAuth } from "./auth";
import { answeredByFault, takeFault, type Fault } from "./faults";
import { Repository, sha256 } from "./store";

/** How the stand-in behaves. */
export interface RegistryPlan {
  readonly auth?: RegistryAuth;
  /** False: `/v2/_catalog` is not offered. */
  readonly catalog?: boolean;
  /** Names and tags on a page. */
  readonly page?: number;
  /** Blobs are fetched from another address. */
  readonly redirectBlobs?: boolean;
  readonly leastPieceBytes?: number;
}

/** A request that came in. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

/** A registry in memory on a loopback port that speaks OCI's distribution API. A stand-in for the tests. */
export class LoopbackRegistry {
  readonly repositories = new Map<string, Repository>();
  readonly faults: Fault[] = [];
  readonly seen: SeenRequest[] = [];
  private readonly gate: Gate | undefined;
  private readonly server: Server;

  private constructor(private readonly plan: RegistryPlan) {
    this.gate = plan.auth && new Gate(plan.auth, () => `http://${this.host}`);
    this.server = createServer(
      (request, response) => void this.serve(request, response).catch(() => response.destroy()),
    );
  }

  static async start(plan: RegistryPlan = {}): Promise<LoopbackRegistry> {
    const registry = new LoopbackRegistry(plan);
    await new Promise<void>((resolve) => registry.server.listen(0, "127.0.0.1", resolve));
    return registry;
  }

  /** `127.0.0.1:<port>` */
  get host(): string {
    return `127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  repository(name: string): Repository {
    const found = this.repositories.get(name) ?? new Repository();
    this.repositories.set(name, found);
    return found;
  }

  /** Paths that were asked for with a method. */
  paths(method: string): string[] {
    return this.seen.filter((one) => one.method === method).map(({ path }) => path);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", `http://${this.host}`);
    const { method = "", headers } = request;
    this.seen.push({ method, path: url.pathname, authorization: headers.authorization, range: headers.range });
    if (url.pathname.startsWith("/content/")) return this.serveContent(url, response);
    if (await this.gate?.handled(request, response, url)) return;
    const fault = takeFault(this.faults, request, url.pathname);
    if (answeredByFault(fault, request, response)) return;
    await new Exchange(this, this.plan, request, response, url, fault).answer();
  }

  /** Where blobs lie that are fetched from another address. */
  private serveContent(url: URL, response: ServerResponse): void {
    const digest = url.pathname.slice("/content/".length);
    const blob = [...this.repositories.values()].map(({ blobs }) => blobs.get(digest)).find((one) => one !== undefined);
    response.writeHead(blob === undefined ? 404 : 200).end(blob);
  }
}

/** One request and its answer. */
class Exchange {
  constructor(
    private readonly registry: LoopbackRegistry,
    private readonly plan: RegistryPlan,
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly url: URL,
    private readonly fault: Fault | undefined,
  ) {}

  async answer(): Promise<void> {
    const path = this.url.pathname;
    if (path === "/v2/_catalog") return this.catalog();
    const [, name = "", kind = "", rest = ""] = /^\/v2\/(.+?)\/(blobs|manifests|tags)\/(.*)$/.exec(path) ?? [];
    if (name === "") return this.end(404);
    const repository = this.registry.repositories.get(name);
    if (this.request.method === "POST" || this.request.method === "PUT" || this.request.method === "PATCH")
      return this.write(this.registry.repository(name), name, kind, rest);
    if (repository === undefined) return this.refuse(404, "NAME_UNKNOWN");
    if (kind === "tags") return this.list("tags", [...repository.tags.keys()].sort(), { name });
    if (kind === "manifests") return this.readManifest(repository, rest);
    if (rest.startsWith("uploads/")) return this.progress(repository, rest.slice("uploads/".length));
    this.readBlob(repository, rest);
  }

  private catalog(): void {
    if (this.plan.catalog === false) return this.refuse(404, "UNSUPPORTED");
    this.list("repositories", [...this.registry.repositories.keys()].sort(), {});
  }

  private list(key: string, all: readonly string[], more: object): void {
    const last = this.url.searchParams.get("last");
    const rest = last === null ? all : all.slice(all.indexOf(last) + 1);
    const page = rest.slice(0, this.plan.page ?? Number(this.url.searchParams.get("n") ?? 100));
    const next = `<${this.url.pathname}?n=100&last=${encodeURIComponent(page.at(-1) ?? "")}>; rel="next"`;
    this.end(200, JSON.stringify({ ...more, [key]: page }), page.length < rest.length ? { link: next } : {});
  }

  private readManifest(repository: Repository, tagOrDigest: string): void {
    const found = repository.manifest(tagOrDigest);
    if (found === undefined) return this.refuse(404, "MANIFEST_UNKNOWN");
    if (!String(this.request.headers.accept).includes(found.mediaType)) return this.refuse(406, "UNSUPPORTED");
    const headers = { "content-type": found.mediaType, "docker-content-digest": found.digest };
    this.sendBytes(found.bytes, 200, headers);
  }

  private readBlob(repository: Repository, digest: string): void {
    const blob = repository.blobs.get(digest);
    if (blob === undefined) return this.refuse(404, "BLOB_UNKNOWN");
    if (this.plan.redirectBlobs === true && this.request.method === "GET") {
      const port = this.registry.host.split(":")[1] ?? "";
      return this.end(307, "", { location: `http://localhost:${port}/content/${digest}` });
    }
    const from = Number(/^bytes=(\d+)-$/.exec(this.request.headers.range ?? "")?.[1] ?? 0);
    if (from === 0 || this.fault?.ignoreRange === true) return this.sendBytes(blob, 200, {});
    const range = `bytes ${String(from)}-${String(blob.length - 1)}/${String(blob.length)}`;
    this.sendBytes(blob.subarray(from), 206, { "content-range": range });
  }

  private sendBytes(whole: Buffer, status: number, headers: Readonly<Record<string, string>>): void {
    const bytes = this.fault?.corrupt === true ? Buffer.alloc(whole.length, "x") : whole;
    this.response.writeHead(status, { ...headers, "content-length": bytes.length });
    if (this.request.method === "HEAD") return void this.response.end();
    const { cutAfter } = this.fault ?? {};
    if (cutAfter === undefined) return void this.response.end(bytes);
    this.response.write(bytes.subarray(0, cutAfter), () => this.response.destroy());
  }

  private async write(repository: Repository, name: string, kind: string, rest: string): Promise<void> {
    const body = await this.body();
    if (body === undefined) return void this.request.socket.destroy();
    if (kind === "manifests") return this.putManifest(repository, rest, body);
    if (rest === "uploads/" && this.request.method === "POST")
      return this.uploadAt(name, repository, repository.begin());
    const id = rest.slice("uploads/".length);
    const known = repository.uploads.get(id);
    if (known === undefined) return this.refuse(404, "BLOB_UPLOAD_UNKNOWN");
    if (!this.isInStep(known, body)) return this.uploadAt(name, repository, id, 416);
    const all = Buffer.concat([known, body]);
    repository.uploads.set(id, all);
    if (this.request.method === "PATCH") return this.uploadAt(name, repository, id);
    repository.uploads.delete(id);
    const digest = this.url.searchParams.get("digest") ?? "";
    if (sha256(all) !== digest) return this.refuse(400, "DIGEST_INVALID");
    repository.blobs.set(digest, all);
    this.end(201, "", { location: `/v2/${name}/blobs/${digest}`, "docker-content-digest": digest });
  }

  /** The body as far as the fault lets it come; undefined when it was cut. What came of a piece is kept, as registries do. */
  private async body(): Promise<Buffer | undefined> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      const { cutAfter } = this.fault ?? {};
      if (cutAfter !== undefined && length >= cutAfter) return this.keep(Buffer.concat(chunks).subarray(0, cutAfter));
    }
    return Buffer.concat(chunks);
  }

  private keep(part: Buffer): undefined {
    const [, name = "", id = ""] = /^\/v2\/(.+)\/blobs\/uploads\/(.+)$/.exec(this.url.pathname) ?? [];
    const repository = this.registry.repository(name);
    const known = repository.uploads.get(id);
    if (known !== undefined && this.request.method === "PATCH")
      repository.uploads.set(id, Buffer.concat([known, part]));
    return undefined;
  }

  private isInStep(known: Buffer, body: Buffer): boolean {
    if (this.request.method !== "PATCH") return true;
    const range = `${String(known.length)}-${String(known.length + body.length - 1)}`;
    return this.request.headers["content-range"] === range;
  }

  private uploadAt(name: string, repository: Repository, id: string, status = 202): void {
    const length = repository.uploads.get(id)?.length ?? 0;
    const least = this.plan.leastPieceBytes;
    this.end(status, "", {
      location: `/v2/${name}/blobs/uploads/${id}?state=1`,
      range: `0-${String(Math.max(0, length - 1))}`,
      ...(least === undefined ? {} : { "oci-chunk-min-length": String(least) }),
    });
  }

  private progress(repository: Repository, id: string): void {
    const known = repository.uploads.get(id);
    if (known === undefined) return this.refuse(404, "BLOB_UPLOAD_UNKNOWN");
    this.end(204, "", { range: `0-${String(Math.max(0, known.length - 1))}` });
  }

  private putManifest(repository: Repository, tagOrDigest: string, bytes: Buffer): void {
    const digest = sha256(bytes);
    const missing = repository.missing(bytes);
    if (missing.length > 0) return this.refuse(400, "MANIFEST_BLOB_UNKNOWN");
    if (tagOrDigest.includes(":") && tagOrDigest !== digest) return this.refuse(400, "DIGEST_INVALID");
    repository.manifests.set(digest, { bytes, mediaType: String(this.request.headers["content-type"]) });
    if (!tagOrDigest.includes(":")) repository.tags.set(tagOrDigest, digest);
    this.end(201, "", { "docker-content-digest": digest });
  }

  private refuse(status: number, code: string): void {
    this.end(status, JSON.stringify({ errors: [{ code, message: code.toLowerCase().replaceAll("_", " ") }] }));
  }

  private end(status: number, body = "", headers: Readonly<Record<string, string>> = {}): void {
    if (this.fault?.loseAnswer === true) return void this.response.destroy();
    this.response.writeHead(status, headers).end(this.request.method === "HEAD" ? "" : body);
  }
}
