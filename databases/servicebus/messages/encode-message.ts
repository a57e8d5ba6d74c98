import { type AmqpWriter, LIST32, MAP32, stringBytes } from "./amqp-writer";
import { CONTENT_TYPE, type OutgoingMessage } from "./outgoing";

/** Codes of the sections of an AMQP message. */
export const SECTION = { properties: 0x73, applicationProperties: 0x74, data: 0x75 } as const;
/** Heads of sections, lists and maps, the content type and the properties that are null. */
const FIXED_BYTES = 96;

/** Most bytes that a message takes within a batch. */
export function messageBytes({ messageId, sessionId, subject, body, common, properties }: OutgoingMessage): number {
  let bytes = FIXED_BYTES + body.length + common.bytes.length + stringBytes(messageId) + stringBytes(subject);
  if (sessionId !== undefined) bytes += stringBytes(sessionId);
  for (const text of properties) bytes += stringBytes(text);
  return bytes;
}

/** Writes a message, which must fit. */
export function writeMessage(writer: AmqpWriter, message: OutgoingMessage): void {
  const { body, common, properties } = message;
  writeProperties(writer, message, CONTENT_TYPE);
  writer.describe(SECTION.applicationProperties);
  const start = writer.begin(MAP32);
  writer.bytes(common.bytes);
  for (const text of properties) writer.string(text);
  writer.end(start, common.count + properties.length);
  writer.describe(SECTION.data);
  writer.binaryHead(body.length);
  writer.bytes(body);
}

/** The section that tells a message's identity; without a content type it ends with the session. */
export function writeProperties(
  writer: AmqpWriter,
  { messageId, sessionId, subject }: Pick<OutgoingMessage, "messageId" | "sessionId" | "subject">,
  contentType?: string,
): void {
  writer.describe(SECTION.properties);
  const start = writer.begin(LIST32);
  writer.string(messageId);
  writer.null(); // user id
  writer.null(); // to
  writer.string(subject);
  writer.null(); // reply to
  writer.null(); // correlation id
  if (contentType === undefined) writer.null();
  else writer.symbol(contentType);
  if (sessionId === undefined) {
    writer.end(start, 7);
    return;
  }
  writer.null(); // content encoding
  writer.null(); // absolute expiry time
  writer.null(); // creation time
  writer.string(sessionId);
  writer.end(start, 11);
}
