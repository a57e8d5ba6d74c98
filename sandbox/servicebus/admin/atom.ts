import { element, escape } from "./xml";

const ATOM = 'xmlns="http://www.w3.org/2005/Atom"';
const SERVICE_BUS =
  'xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"';

/** What an entry describes. */
export interface Entry {
  readonly name: string;
  /** Its address; the client takes the name from it. */
  readonly id: string;
  /** Name of the element that describes it. */
  readonly kind: string;
  /** Content of that element. */
  readonly content: string;
  /** When it changed last, in milliseconds since 1970. */
  readonly updatedAt: number;
}

/** A document that describes one thing. */
export function entryDocument(entry: Entry): string {
  return entryXml(entry, ` ${ATOM}`);
}

/** A document that lists things, with the addresses of this page and the next. */
export function feedDocument(title: string, entries: readonly Entry[], self: string, next?: string): string {
  // One link alone isn't read as a list by the client.
  const links = [link("self", self), ...(next === undefined ? [] : [link("next", next)])].join("");
  const body = entries.map((entry) => entryXml(entry, "")).join("");
  return `<feed ${ATOM}><title type="text">${escape(title)}</title><id>${escape(self)}</id>${links}${body}</feed>`;
}

export function errorDocument(status: number, detail: string): string {
  return `<Error>${element("Code", status)}${element("Detail", detail)}</Error>`;
}

function entryXml({ name, id, kind, content, updatedAt }: Entry, namespace: string): string {
  const head = `<id>${escape(id)}</id><title type="text">${escape(name)}</title>`;
  const updated = element("updated", new Date(updatedAt).toISOString());
  const described = `<${kind} ${SERVICE_BUS}>${content}</${kind}>`;
  return `<entry${namespace}>${head}${updated}<content type="application/xml">${described}</content></entry>`;
}

function link(relation: string, address: string): string {
  return `<link rel="${relation}" href="${escape(address)}"/>`;
}
