import fc from "fast-check";
import { encodePart, groupTemplateFault, kafkaName, TOPIC_TEMPLATES, topicTemplateFault } from "./kafka-names";

const TEMPLATE = TOPIC_TEMPLATES["db-per-tenant"];

describe("names in Kafka", () => {
  test("are made of the template's parts", () => {
    const parts = { env: "dev", service: "clinic", customer: "fjord", schema: "dbo", table: "Order Lines" };
    expect(kafkaName(TEMPLATE, parts)).toBe("dev.clinic.fjord.dbo.Order_x20Lines");
    expect(kafkaName("{env}.{sink}.{customer}", { env: "dev", sink: "main.clinic", customer: "a.b" })).toBe(
      "dev.main.clinic.a_x2Eb",
    );
  });

  test("of different tables differ, and Kafka takes them", () => {
    const part = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }).filter((text) => !/\p{Surrogate}/u.test(text)),
      fc.constantFrom(
        "a.b",
        "a_b",
        "a_x2Eb",
        "a_x5Fx2Eb",
        "_",
        "_x",
        "A",
        "a",
        "x".repeat(128),
        `${"x".repeat(127)}y`,
        "æ".repeat(60),
      ),
    );
    const parts = fc.record({ env: part, service: part, customer: part, schema: part, table: part });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const [first, second] = [kafkaName(TEMPLATE, one), kafkaName(TEMPLATE, other)];
        expect(first).toMatch(/^[A-Za-z0-9._-]{1,249}$/);
        expect(first === second).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 500 },
    );
  });

  test("encode what Kafka does not take, and what looks like an encoding", () => {
    expect(["a.b", "a_x2Eb", "æ", "a_xyz", "a-b_c"].map(encodePart)).toEqual([
      "a_x2Eb",
      "a_x5Fx2Eb",
      "_xC3_xA6",
      "a_xyz",
      "a-b_c",
    ]);
  });

  test("need templates that make sense", () => {
    expect(topicTemplateFault("{env}.{schema}.{table}")).toBeUndefined();
    expect(topicTemplateFault("{env}.{table}")).toBe("must end in .{schema}.{table}");
    expect(topicTemplateFault("{tenant}.{schema}.{table}")).toMatch(/^has \{tenant\}; known are \{env\}/);
    expect(groupTemplateFault("{env} {sink}")).toBe("has characters that Kafka does not take in names");
    expect(groupTemplateFault("cdc.{env}.{sink}")).toBeUndefined();
  });
});
