import fc from "fast-check";
import { message as amqp } from "rhea";
import { MessageBatch } from "./message-batch";
import { CONTENT_TYPE, type OutgoingMessage } from "./outgoing";
import { propertyBlock } from "./property-block";

interface Decoded {
  readonly body: { readonly content: Buffer | readonly Buffer[]; readonly multiple?: boolean };
  readonly [property: string]: unknown;
}

/** What AMQP's own reader makes of the bytes. */
function decoded(batch: MessageBatch) {
  const envelope = amqp.decode(batch.encoded()) as unknown as Decoded;
  const { content } = envelope.body;
  const messages = (Array.isArray(content) ? content : [content]).map(
    (bytes) => amqp.decode(bytes as Buffer) as unknown as Decoded,
  );
  return { envelope, messages };
}

const text = (maxLength: number) => fc.string({ unit: "grapheme", maxLength });
const message: fc.Arbitrary<OutgoingMessage> = fc
  .record({
    messageId: text(128),
    sessionId: fc.option(text(128), { nil: undefined }),
    subject: text(300),
    body: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
    common: fc.dictionary(text(20), fc.oneof(text(200), fc.integer(), fc.constant(undefined))).map(propertyBlock),
    properties: fc.array(fc.tuple(fc.stringMatching(/^_[a-z]{1,9}$/), text(300)), { maxLength: 5 }),
  })
  .map(({ sessionId, properties, ...rest }) => ({
    ...rest,
    ...(sessionId === undefined ? {} : { sessionId }),
    properties: Object.entries(Object.fromEntries(properties)).flat(),
  }));

const paired = (list: readonly string[]) =>
  Object.fromEntries(list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1]]] : [])));

test("any messages come out of a batch as they went in", () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 10 }), (messages) => {
      const batch = new MessageBatch(1_000_000);
      expect(messages.every((one) => batch.tryAdd(one))).toBe(true);
      const { envelope, messages: found } = decoded(batch);
      expect(envelope["message_id"]).toBe(messages[0]?.messageId);
      expect(envelope["group_id"]).toBe(messages[0]?.sessionId);
      expect(found).toHaveLength(messages.length);
      for (const [index, { messageId, sessionId, subject, body, common, properties }] of messages.entries()) {
        expect(found[index]).toMatchObject({ message_id: messageId, subject, content_type: CONTENT_TYPE });
        expect(found[index]?.["group_id"]).toBe(sessionId);
        expect(found[index]?.body.content).toEqual(body);
        expect({ ...(found[index]?.["application_properties"] as object) }).toEqual({
          ...common.values,
          ...paired(properties),
        });
      }
    }),
  );
});

test("a batch takes what fits to the last byte, and stays as it was when something doesn't", () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 10 }), (messages) => {
      const whole = new MessageBatch(1_000_000);
      for (const one of messages) whole.tryAdd(one);
      const exact = new MessageBatch(whole.bytes);
      expect(messages.every((one) => exact.tryAdd(one))).toBe(true);
      expect(exact.encoded()).toEqual(whole.encoded());
      const short = new MessageBatch(whole.bytes - 1);
      expect(messages.map((one) => short.tryAdd(one)).at(-1)).toBe(false);
      expect(short.bytes === 0 || decoded(short).messages.length === short.messages.length).toBe(true);
    }),
  );
});
