import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CdcError } from "../../lib/errors";
import type { Probe } from "./health";
import { EXPOSITION_TYPE } from "./exposition";
import type { ListenAddress } from "./listen-address";

/** What the server tells, asked anew for each request. */
export interface Observed {
  liveness(): Probe;
  readiness(): Probe;
  /** Text of `/metrics`. */
  metrics(): string;
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string;
}

/** A running server. */
export interface ObserveServer {
  /** `127.0.0.1:9464`; the port that was taken when 0 was wished. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Serves `/healthz`, `/readyz` and `/metrics`; everything else is 404, everything but GET and HEAD 405.
 * @throws CdcError (CDC_HEALTH_ADDRESS) when it cannot listen there.
 */
export async function serveObserved(at: ListenAddress, observed: Observed): Promise<ObserveServer> {
  const server = createServer((request, response) => {
    answer(request, response, observed);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(at, error)));
    server.listen(at.port, at.host, resolve);
  });
  // Must not keep a process alive whose stream has ended.
  server.unref();
  const { address, port } = server.address() as AddressInfo;
  return {
    address: `${address.includes(":") ? `[${address}]` : address}:${String(port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(request: IncomingMessage, response: ServerResponse, observed: Observed): void {
  const path = (request.url ?? "").split("?")[0];
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    send(response, 405, "text/plain; charset=utf-8", "only GET and HEAD\n");
  } else if (path === "/healthz") sendProbe(response, observed.liveness(), observed);
  else if (path === "/readyz") sendProbe(response, observed.readiness(), observed);
  else if (path === "/metrics") send(response, 200, EXPOSITION_TYPE, observed.metrics());
  else send(response, 404, "text/plain; charset=utf-8", "there are /healthz, /readyz and /metrics\n");
}

function sendProbe(response: ServerResponse, probe: Probe, { redact }: Observed): void {
  const body = { status: probe.ok ? "ok" : "failing", problems: probe.problems.map(redact) };
  send(response, probe.ok ? 200 : 503, "application/json; charset=utf-8", `${JSON.stringify(body)}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    "Content-Type": type,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
  });
  response.end(body);
}

function cannotListen({ host, port }: ListenAddress, cause: NodeJS.ErrnoException): CdcError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: "the port is taken",
    EADDRNOTAVAIL: "this machine has no such address",
    EACCES: "this user may not take that port",
    ENOTFOUND: "the host name is unknown",
  };
  const why = reasons[cause.code ?? ""] ?? cause.message;
  return new CdcError("CDC_HEALTH_ADDRESS", `--health cannot listen on ${host}:${String(port)}: ${why}`, {
    hint: "Choose another [host:]port; 0 takes a free one.",
    cause,
  });
}
