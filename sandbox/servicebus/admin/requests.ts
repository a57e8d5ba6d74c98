import type { Namespace } from "../broker/namespace";
import type { Queue } from "../broker/queue";
import { unsupported } from "../errors";
import { entryDocument, feedDocument, type Entry } from "./atom";
import { readDescription, writeDescription } from "./queue-description";
import { element } from "./xml";

/** A request of the administration client. */
export interface AdminRequest {
  readonly method: string;
  /** Host and port that the client used. */
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Whether an existing queue is to be changed. */
  readonly update: boolean;
  readonly body: string;
}

export interface AdminAnswer {
  readonly status: number;
  readonly document: string;
}

const MOST_LISTED = 100;

/** Does what a request asks. Throws BrokerError. */
export function administer(namespace: Namespace, request: AdminRequest): AdminAnswer {
  const { method, path } = request;
  const name = decodeURIComponent(path.replace(/^\/+|\/+$/g, ""));
  if (method === "PUT") return put(namespace, request, name);
  if (method === "DELETE") return remove(namespace, name);
  if (method !== "GET") throw unsupported(`the method ${method}`);
  if (name.toLowerCase() === "$namespaceinfo") return ok(entryDocument(namespaceEntry(namespace, request)));
  if (name.toLowerCase() === "$resources/queues") return ok(listQueues(namespace, request));
  if (name.startsWith("$")) throw unsupported(`the resource ${name}`);
  const queue = namespace.find(name);
  return ok(queue ? entryDocument(queueEntry(queue, request)) : emptyFeed(request));
}

function put(namespace: Namespace, request: AdminRequest, name: string): AdminAnswer {
  const settings = readDescription(request.body);
  const queue = request.update ? namespace.update(name, settings) : namespace.create(name, settings);
  return { status: request.update ? 200 : 201, document: entryDocument(queueEntry(queue, request)) };
}

function remove(namespace: Namespace, name: string): AdminAnswer {
  namespace.delete(name);
  return { status: 200, document: "" };
}

function listQueues(namespace: Namespace, request: AdminRequest): string {
  const skip = Number(request.query.get("$skip") ?? 0);
  const top = Math.min(MOST_LISTED, Number(request.query.get("$top") ?? MOST_LISTED));
  const all = namespace.list();
  const entries = all.slice(skip, skip + top).map((queue) => queueEntry(queue, request));
  const page = (from: number) => address(request, `$Resources/Queues?$skip=${from}&$top=${top}&api-version=2021-05`);
  return feedDocument("Queues", entries, page(skip), skip + top < all.length ? page(skip + top) : undefined);
}

/** How Service Bus says that something isn't there. */
function emptyFeed(request: AdminRequest): string {
  return feedDocument("Publicly Listed Services", [], address(request, request.path));
}

function queueEntry(queue: Queue, request: AdminRequest): Entry {
  const { name, updatedAt } = queue;
  return { name, id: address(request, name), kind: "QueueDescription", content: writeDescription(queue), updatedAt };
}

function namespaceEntry(namespace: Namespace, request: AdminRequest): Entry {
  const { createdAt, tier } = namespace;
  const time = new Date(createdAt).toISOString();
  const content = [
    element("CreatedTime", time),
    element("MessagingSKU", tier),
    element("MessagingUnits", tier === "Premium" ? 1 : 0),
    element("ModifiedTime", time),
    element("Name", request.host.replace(/:.*/, "")),
    element("NamespaceType", "Messaging"),
  ].join("");
  return { name: "", id: address(request, "$namespaceinfo"), kind: "NamespaceInfo", content, updatedAt: createdAt };
}

function address({ host }: AdminRequest, path: string): string {
  return `https://${host}/${path.replace(/^\/+/, "")}`;
}

function ok(document: string): AdminAnswer {
  return { status: 200, document };
}
