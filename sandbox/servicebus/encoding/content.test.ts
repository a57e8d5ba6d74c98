import fc from "fast-check";
import { message as codec } from "rhea";
import { Namespace } from "../broker/namespace";
import { Clock } from "../clock";
import { readBatch, readContent } from "./content";
import { encodeDelivery } from "./delivery";
import { withProperties } from "./properties";

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 });
const key = fc.stringMatching(/^[a-z]{1,12}$/);

const anyMessage = fc.record(
  {
    message_id: fc.oneof(text, fc.nat()),
    group_id: text,
    correlation_id: text,
    subject: text,
    content_type: fc.constant("application/json"),
    ttl: fc.integer({ min: 1, max: 2 ** 31 }),
    priority: fc.nat({ max: 9 }),
    durable: fc.boolean(),
    application_properties: fc.dictionary(key, fc.oneof(text, fc.boolean(), fc.nat())),
    message_annotations: fc.dictionary(key, text),
    body: fc.oneof(
      text,
      fc.uint8Array({ maxLength: 700 }).map((bytes) => codec.data_section(Buffer.from(bytes)) as unknown),
    ),
  },
  { requiredKeys: ["body"] },
);

/** What a receiver gets of a message that is alone in its queue. */
function delivered(bytes: Buffer): ReturnType<typeof codec.decode> {
  const queue = new Namespace(new Clock(), "Standard").create("q");
  queue.send([readContent(bytes)]);
  const [message] = queue.main.messages.values();
  queue.stop();
  return codec.decode(encodeDelivery(message!, 5));
}

describe("messages as bytes", () => {
  test("any message comes out as it went in, with the broker's annotations", () => {
    fc.assert(
      fc.property(anyMessage, (sent) => {
        const original = codec.decode(codec.encode(sent));
        const got = delivered(codec.encode(sent));
        for (const name of [
          "body",
          "group_id",
          "correlation_id",
          "subject",
          "content_type",
          "ttl",
          "application_properties",
        ])
          expect(got[name]).toEqual(original[name]);
        const { message_annotations, delivery_count, durable, priority, message_id } = got;
        const { message_annotations: own, durable: wasDurable, priority: had, message_id: id } = original;
        expect(message_annotations).toMatchObject({
          ...own,
          "x-opt-sequence-number": 1,
          "x-opt-locked-until": new Date(5),
        });
        expect([delivery_count ?? 0, durable ?? false, priority ?? 4]).toEqual([0, wasDurable ?? false, had ?? 4]);
        if (id !== undefined) expect(message_id).toEqual(id);
        else expect(message_id).toMatch(/^[0-9a-f]{32}$/);
      }),
    );
  });

  test("ids of different types are different", () => {
    const ids = ["1", 1, "\0number:1", Buffer.alloc(16, 1)].map((message_id) =>
      codec.encode({ message_id, body: "x" }),
    );
    expect(new Set(ids.map((bytes) => readContent(bytes).messageId)).size).toBe(4);
  });

  test("a batch is its messages", () => {
    const messages = [1, 2, 3].map((n) => codec.encode({ message_id: `m${String(n)}`, group_id: "g", body: n }));
    const batch = codec.encode({ body: codec.data_sections(messages) as unknown });
    expect(readBatch(batch).map(({ messageId, sessionId }) => [messageId, sessionId])).toEqual([
      ["m1", "g"],
      ["m2", "g"],
      ["m3", "g"],
    ]);
  });

  test("properties are set and replaced; the others stay byte for byte", () => {
    const bytes = codec.encode({ message_id: "m", application_properties: { a: 1, b: "old", c: 2.5 }, body: "x" });
    const changed = withProperties(readContent(bytes), { b: "new", d: true, e: undefined });
    const { application_properties, body, message_id } = codec.decode(changed.bare);
    expect({ application_properties, body, message_id }).toEqual({
      application_properties: { a: 1, c: 2.5, b: "new", d: true },
      body: "x",
      message_id: "m",
    });
    const bare = withProperties(readContent(codec.encode({ message_id: "m", body: "x" })), { d: 1 });
    expect(codec.decode(bare.bare)).toMatchObject({ application_properties: { d: 1 }, body: "x" });
  });

  test("any garbage is an error of its kind", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
        try {
          readContent(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 5_000, examples: [[Uint8Array.of(0, 0xb0, 0)], [Uint8Array.of(0)]] },
    );
  });
});
