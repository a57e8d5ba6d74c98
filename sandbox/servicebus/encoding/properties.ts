import { types } from "rhea";
import type { MessageContent } from "../broker/message";
import { SECTION, sectionsOf } from "./sections";
import { endOf, itemsAt, textAt } from "./values";
import { mapOf, section, text } from "./write";

/** The message with these application properties set; its others stay byte for byte. */
export function withProperties(content: MessageContent, changes: Readonly<Record<string, unknown>>): MessageContent {
  const set = Object.entries(changes).filter(([, value]) => value !== undefined);
  if (set.length === 0) return content;
  const { bare } = content;
  const sections = sectionsOf(bare);
  const old = sections.find(({ code }) => code === SECTION.applicationProperties);
  const kept = old ? pairsExcept(bare, old.value, new Set(set.map(([key]) => key))) : [];
  const added = set.map(([key, value]) => Buffer.concat([text(key), encodeValue(value)]));
  const pairs = [...kept, ...added];
  const written = section(SECTION.applicationProperties, mapOf(pairs, pairs.length * 2));
  const properties = sections.find(({ code }) => code === SECTION.properties);
  const start = old?.start ?? properties?.end ?? 0;
  const end = old?.end ?? start;
  return { ...content, bare: Buffer.concat([bare.subarray(0, start), written, bare.subarray(end)]) };
}

function pairsExcept(bytes: Buffer, map: number, without: ReadonlySet<string>): Buffer[] {
  const { count, start } = itemsAt(bytes, map);
  const pairs: Buffer[] = [];
  for (let at = start, left = count; left > 0; left -= 2) {
    const end = endOf(bytes, endOf(bytes, at));
    if (!without.has(textAt(bytes, at) ?? "")) pairs.push(bytes.subarray(at, end));
    at = end;
  }
  return pairs;
}

/** rhea's own encoder: there is no type declaration for it. */
const encoder = types as unknown as {
  wrap(value: unknown): unknown;
  Writer: new () => { write(value: unknown): void; toBuffer(): Buffer };
};

function encodeValue(value: unknown): Buffer {
  const writer = new encoder.Writer();
  writer.write(encoder.wrap(value));
  return writer.toBuffer();
}
