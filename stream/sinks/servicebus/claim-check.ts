import { hash } from "node:crypto";
import type { ClaimStore } from "../../../databases/azure-blob/claim-store";
import type { OutgoingMessage } from "../../../databases/servicebus/messages/outgoing";
import { digest } from "./identity";
import { tooLarge, type OversizePolicy } from "./oversize";

/** Metadata that a message has room for in any namespace. */
const LARGEST_METADATA = 100_000;

/** What a message says of its event that lies elsewhere. */
export interface ClaimCheck {
  readonly url: string;
  readonly bytes: number;
  /** Of the event's bytes, in hex. */
  readonly sha256: string;
}

/**
 * Oversize events lie in a container of blobs, each under a name of its own that is the same when it is sent again; the
 * message in the queue has the metadata, no data, and in `ClaimCheck` where they are.
 */
export function claimCheck(store: Pick<ClaimStore, "put">): OversizePolicy {
  return {
    async replace(message, queue, largest) {
      const metadata = shortMetadata(message.body);
      if (metadata === undefined) return { letter: tooLarge(message, queue, largest) };
      const url = await store.put(`${queue}/${digest(message.messageId)}.json`, message.body);
      return { url, message: claimMessage(message, metadata, url) };
    },
  };
}

function claimMessage(message: OutgoingMessage, metadata: object, url: string): OutgoingMessage {
  const { body, properties } = message;
  const check: ClaimCheck = { url, bytes: body.length, sha256: hash("sha256", body, "hex") };
  const envelope = { data: {}, metadata: { ...metadata, ClaimCheck: check } };
  return {
    ...message,
    body: Buffer.from(JSON.stringify(envelope)),
    properties: [...properties, "claimCheck", url],
  };
}

/** Without the row before, which may be what is so large; undefined when even that is too much. */
function shortMetadata(body: Buffer): object | undefined {
  const { metadata } = JSON.parse(body.toString("utf8")) as { readonly metadata: Readonly<Record<string, unknown>> };
  const { Before, ...short } = metadata;
  return JSON.stringify(short).length > LARGEST_METADATA ? undefined : short;
}
