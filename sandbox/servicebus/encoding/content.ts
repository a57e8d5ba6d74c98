import { randomUUID } from "node:crypto";
import type { MessageContent, Pairs } from "../broker/message";
import { SECTION, sectionsOf, type Section } from "./sections";
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

/** The parts of an encoded message that matter here; the rest stays as it is. Throws RangeError. */
export function readContent(bytes: Buffer): MessageContent {
  const sections = sectionsOf(bytes);
  const find = (code: number) => sections.find((each) => each.code === code);
  const annotations = readAnnotations(bytes, find(SECTION.messageAnnotations));
  const properties = readProperties(bytes, find(SECTION.properties));
  const bare = bytes.subarray(sections.find(({ code }) => code >= SECTION.properties)?.start ?? bytes.length);
  const named = properties.messageId === undefined ? withMessageId(bare) : { bare: Buffer.from(bare) };
  return { ...readHeader(bytes, find(SECTION.header)), ...annotations, ...properties, ...named } as MessageContent;
}

/** The messages in an envelope that holds many. Throws RangeError. */
export function readBatch(bytes: Buffer): MessageContent[] {
  const data = sectionsOf(bytes).filter(({ code }) => code === SECTION.data);
  return data.map(({ value }) => {
    const { start, end } = contentAt(bytes, value);
    return readContent(bytes.subarray(start, end));
  });
}

function readHeader(bytes: Buffer, header: Section | undefined) {
  const [durable, priority, ttl] = header ? itemStarts(bytes, header.value, 3) : [];
  return {
    durable: durable !== undefined && isTrueAt(bytes, durable),
    priority: priority === undefined ? undefined : numberAt(bytes, priority),
    ttlMs: ttl === undefined ? undefined : numberAt(bytes, ttl),
  };
}

function readProperties(bytes: Buffer, properties: Section | undefined) {
  const starts = properties ? itemStarts(bytes, properties.value, GROUP_ID + 1) : [];
  const id = starts[MESSAGE_ID];
  const group = starts[GROUP_ID];
  return {
    messageId: id === undefined || bytes.readUInt8(id) === 0x40 ? undefined : idText(bytes, id),
    sessionId: group === undefined ? undefined : textAt(bytes, group),
  };
}

/** Strings as they are; numbers, UUIDs and bytes behind a NUL, so that none is equal to a string. */
function idText(bytes: Buffer, at: number): string {
  const code = bytes.readUInt8(at);
  if (code === 0xa1 || code === 0xb1) return (textAt(bytes, at) ?? "").replace(/^\0/, "\0\0");
  if (code === 0x98) return `\0uuid:${bytes.toString("hex", at + 1, endOf(bytes, at))}`;
  if (code === 0xa0 || code === 0xb0) return `\0binary:${bytes.toString("hex", at, endOf(bytes, at))}`;
  return `\0number:${numberAt(bytes, at) ?? 0}`;
}

function readAnnotations(bytes: Buffer, section: Section | undefined) {
  if (!section) return { annotations: NO_PAIRS, scheduledFor: undefined };
  const { count, start } = itemsAt(bytes, section.value);
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

/** Where the first items of a list start. */
function itemStarts(bytes: Buffer, list: number, most: number): number[] {
  const { count, start } = itemsAt(bytes, list);
  const starts: number[] = [];
  for (let at = start; starts.length < Math.min(count, most); at = endOf(bytes, at)) starts.push(at);
  return starts;
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
