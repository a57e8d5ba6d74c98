import { hash } from "node:crypto";
import { propertyBlock, type PropertyBlock } from "../../../databases/servicebus/messages/property-block";
import type { OutgoingMessage } from "../../../databases/servicebus/messages/outgoing";
import { digest } from "./identity";

/** Why something goes to the dead letters; the sentence tells more. */
export type DeadLetterReason = "BadEvent" | "NoQueue" | "TooLarge";

/** What goes to the dead letters. */
export interface DeadLetter {
  readonly reason: DeadLetterReason;
  readonly description: string;
  /** Queue that it was for. */
  readonly queue?: string;
}

/** Fits every namespace, with all properties. */
const LARGEST_BODY = 190_000;
const SHOWN_BYTES = 2_000;
const LONGEST_DESCRIPTION = 1_000;

/** A line of which no message can be made, to be buried. */
export function lineMessage(line: Buffer, common: PropertyBlock = propertyBlock({})): OutgoingMessage {
  return { messageId: `bad/${digest(line)}`, subject: "", body: line, common, properties: [] };
}

/**
 * The message as a dead letter, named as Service Bus names its own: `DeadLetterReason` and
 * `DeadLetterErrorDescription`. It holds the event as it was when that has room, else what tells where to find it.
 */
export function deadMessage(message: OutgoingMessage, { reason, description, queue }: DeadLetter): OutgoingMessage {
  const { sessionId, body, common, ...rest } = message;
  const isWhole = body.length <= LARGEST_BODY;
  const told = propertyBlock({
    ...common.values,
    queue,
    key: sessionId,
    DeadLetterReason: reason,
    DeadLetterErrorDescription: description.slice(0, LONGEST_DESCRIPTION),
    ...(isWhole ? {} : { bodyBytes: body.length, bodySha256: hash("sha256", body, "hex") }),
  });
  return { ...rest, common: told, body: isWhole ? body : summary(body) };
}

/** The metadata without the row before, or the beginning of what isn't JSON. */
function summary(body: Buffer): Buffer {
  const metadata = metadataOf(body);
  if (metadata !== undefined) {
    const short = Buffer.from(JSON.stringify({ metadata }));
    if (short.length <= SHOWN_BYTES * 4) return short;
  }
  return Buffer.from(JSON.stringify({ text: body.toString("utf8", 0, SHOWN_BYTES) }));
}

function metadataOf(body: Buffer): unknown {
  try {
    const { metadata } = JSON.parse(body.toString("utf8")) as { metadata?: Record<string, unknown> };
    return metadata === undefined ? undefined : { ...metadata, Before: undefined };
  } catch {
    return undefined;
  }
}
