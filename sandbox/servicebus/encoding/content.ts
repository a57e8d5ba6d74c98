import { randomUUID } from "node:crypto";
import type { MessageContent, Pairs } from "../broker/message";
import { SECTION, sectionCode, sectionsOf, sectionValue } from "./sections";
import { contentAt, endOf, isTrueAt, itemsAt, numberAt, textAt } from "./values";
import { listOf, section, text } from "./write";

/** Places in the list of properties. */
const MESSAGE_ID = 0;
const GROUP_ID = 10;

/** Annotations that a message gets when it is delivered; those of a received message that is sent again go. */
const OURS = new Set([
  "x-opt-sequence-number",
  "x-opt-enqueue-sequence-number",
  "x-opt-enqueued-time",
  "x-opt-locked-until",
  "x-opt-message-state",
]);

const NO_PAIRS: Pairs = { bytes: Buffer.alloc(0), count: 0 };
const NO_ANNOTATIONS = { annotations: NO_PAIRS, scheduledFor: undefined };
const NO_HEADER = { durable: false, priority: undefined, ttlMs: undefined };
const NULL = 0x40;

/** The parts of an encoded message that matter here; the rest stays as it is, where it is. Throws RangeError. */
export function readContent(bytes: Buffer): MessageContent {
  const { header, annotated, properties, bareAt } = partsOf(bytes);
  const { durable, priority, ttlMs } = header === undefined ? NO_HEADER : readHeader(bytes, header);
  const { annotations, scheduledFor } = annotated === undefined ? NO_ANNOTATIONS : readAnnotations(bytes, annotated);
  const id = properties === undefined ? undefined : itemAt(bytes, properties, MESSAGE_ID);
  const group = properties === undefined ? undefined : itemAt(bytes, properties, GROUP_ID);
  const sessionId = group === undefined ? undefined : textAt(bytes, group);
  const own = bytes.subarray(bareAt);
  const hasId = id !== undefined && bytes[id] !== NULL;
  const { bare, messageId } = hasId ? { bare: own, messageId: idText(bytes, id) } : withMessageId(own);
  return { messageId, sessionId, ttlMs, scheduledFor, durable, priority, annotations, bare };
}

/** The messages in an envelope that holds many. Throws RangeError. */
export function readBatch(bytes: Buffer): MessageContent[] {
  const messages: MessageContent[] = [];
  for (let start = 0; start < bytes.length;) {
    const value = sectionValue(bytes, start);
    const end = endOf(bytes, value);
    if (sectionCode(bytes, start) === SECTION.data)
      messages.push(readContent(bytes.subarray(contentAt(bytes, value).start, end)));
    start = end;
  }
  return messages;
}

/** Where the values of some sections start, and what the sender wrote for the receiver. */
function partsOf(bytes: Buffer) {
  let header: number | undefined;
  let annotated: number | undefined;
  let properties: number | undefined;
  let bareAt = bytes.length;
  for (let start = 0; start < bytes.length;) {
    const value = sectionValue(bytes, start);
    const code = sectionCode(bytes, start);
    if (code === SECTION.header) header = value;
    else if (code === SECTION.messageAnnotations) annotated = value;
    else if (code === SECTION.properties) properties = value;
    if (code >= SECTION.properties) bareAt = Math.min(bareAt, start);
    start = endOf(bytes, value);
  }
  return { header, annotated, properties, bareAt };
}

function readHeader(bytes: Buffer, header: number) {
  const [durable, priority, ttl] = [0, 1, 2].map((place) => itemAt(bytes, header, place));
  return {
    durable: durable !== undefined && isTrueAt(bytes, durable),
    priority: priority === undefined ? undefined : numberAt(bytes, priority),
    ttlMs: ttl === undefined ? undefined : numberAt(bytes, ttl),
  };
}

/** Strings as they are; numbers, UUIDs and bytes behind a NUL, so that none is equal to a string. */
function idText(bytes: Buffer, at: number): string {
  const code = bytes[at];
  if (code === 0xa1 || code === 0xb1) return (textAt(bytes, at) ?? "").replace(/^\0/, "\0\0");
  if (code === 0x98) return `\0uuid:${bytes.toString("hex", at + 1, endOf(bytes, at))}`;
  if (code === 0xa0 || code === 0xb0) return `\0binary:${bytes.toString("hex", at, endOf(bytes, at))}`;
  return `\0number:${numberAt(bytes, at) ?? 0}`;
}

function readAnnotations(bytes: Buffer, map: number) {
  const { count, start } = itemsAt(bytes, map);
  const kept: Buffer[] = [];
  let scheduledFor: number | undefined;
  for (let at = start, left = count; left > 0; left -= 2) {
    const value = endOf(bytes, at);
    const end = endOf(bytes, value);
    const key = textAt(bytes, at) ?? "";
    if (key === "x-opt-scheduled-enqueue-time") scheduledFor = numberAt(bytes, value);
    if (!OURS.has(key)) kept.push(bytes.subarray(at, end));
    at = end;
  }
  return { annotations: { bytes: Buffer.concat(kept), count: kept.length * 2 }, scheduledFor };
}

/** Where the item at a place of a list starts; undefined when the list has no such place. */
function itemAt(bytes: Buffer, list: number, place: number): number | undefined {
  const { count, start } = itemsAt(bytes, list);
  if (place >= count) return undefined;
  let at = start;
  for (let left = place; left > 0; left -= 1) at = endOf(bytes, at);
  return at;
}

/** Gives a message an id, as Service Bus does; the client cannot settle one without. */
function withMessageId(bare: Buffer): { bare: Buffer; messageId: string } {
  const messageId = randomUUID().replaceAll("-", "");
  const [first] = sectionsOf(bare);
  if (first?.code !== SECTION.properties) {
    return { bare: Buffer.concat([section(SECTION.properties, listOf([text(messageId)])), bare]), messageId };
  }
  const { count, start, end } = itemsAt(bare, first.value);
  const others = count === 0 ? Buffer.alloc(0) : bare.subarray(endOf(bare, start), end);
  const list = listOf([text(messageId), others], Math.max(count, 1));
  return { bare: Buffer.concat([section(SECTION.properties, list), bare.subarray(first.end)]), messageId };
}
