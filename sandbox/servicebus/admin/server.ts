import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { checkToken, type KeyRing } from "../auth/key-ring";
import { authFailed, covers, pathOf } from "../auth/shared-access";
import type { Namespace } from "../broker/namespace";
import { unsupported, type BrokerError } from "../errors";
import type { Faults } from "../faults";
import { errorDocument } from "./atom";
import { administer, type AdminAnswer } from "./requests";

/** What the administration needs to know. */
export interface AdminContext {
  readonly namespace: Namespace;
  readonly faults: Faults;
  readonly access: KeyRing;
}

const STATUS: Readonly<Record<string, number>> = {
  "com.microsoft:auth-failed": 401,
  "amqp:unauthorized-access": 401,
  "amqp:not-found": 404,
  "com.microsoft:entity-already-exists": 409,
  "amqp:resource-limit-exceeded": 403,
  "com.microsoft:server-busy": 503,
  "amqp:internal-error": 500,
};
const BAD_REQUEST = 400;

/** The administration's HTTP server; sockets are given to it. */
export function adminServer(context: AdminContext): Server {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      answer(context, request, response, body);
    });
  });
  server.on("upgrade", (_request, socket) => {
    socket.end(`HTTP/1.1 501 Not Implemented\r\nconnection: close\r\n\r\n${unsupported("WebSockets").message}`);
  });
  return server;
}

function answer(context: AdminContext, request: IncomingMessage, response: ServerResponse, body: string): void {
  let result: AdminAnswer = { status: 500, document: "" };
  const { host = "127.0.0.1", authorization = "" } = request.headers;
  const { pathname, searchParams } = new URL(request.url ?? "/", `http://${host}`);
  const site = {
    operation: "administer" as const,
    queue: pathOf(pathname),
    cut: () => request.socket.destroy(),
    answer: (error?: BrokerError) => {
      send(response, error ? refusal(error) : result);
    },
  };
  context.faults.run(site, () => {
    checkAccess(context, authorization, pathname);
    const update = request.headers["if-match"] !== undefined;
    const { method = "GET" } = request;
    result = administer(context.namespace, { method, host, path: pathname, query: searchParams, update, body });
  });
}

function checkAccess({ access }: AdminContext, authorization: string, path: string): void {
  const now = Date.now();
  const claim = checkToken(authorization, access, now);
  if (!covers(claim, pathOf(path), now)) throw authFailed("The token is for another resource.");
}

function refusal({ condition, message }: BrokerError): AdminAnswer {
  const status = STATUS[condition] ?? BAD_REQUEST;
  return { status, document: errorDocument(status, `SubCode=${status}00. ${message}`) };
}

function send(response: ServerResponse, { status, document }: AdminAnswer): void {
  response.writeHead(status, { "content-type": "application/atom+xml;type=entry;charset=utf-8" });
  response.end(document);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // The client is gone, and nobody hears the answer.
  }
  return Buffer.concat(chunks).toString("utf8");
}
