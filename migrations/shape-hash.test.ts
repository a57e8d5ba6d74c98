import fc from "fast-check";
import { canonicalJson, sha256 } from "../sql/plans/definition";
import type { JsonValue, Target } from "./migration-set";
import { shapeHasher } from "./shape-hash";
import { fillShape } from "./substitute";

const TARGET: Target = {
  schema: "north",
  tenant: "n",
  values: { DATABASE: "Shop", "VALUE:a": null, TENANTS: { "10": "x", "9": null } },
};
const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "{{SCHEMA}}",
    "{{TENANT}}",
    "{{DATABASE}}",
    "{{VALUE:a}}",
    "{{TENANTS}}",
    "{{GONE}}",
    "a {{SCHEMA}} b",
    "{{OPEN}}x}}",
  ),
);
const key = fc.oneof(fc.string(), fc.constantFrom("10", "9", "b", "{{OPEN}}k}}", "k{{SCHEMA}}"));
const { shape } = fc.letrec<{ shape: JsonValue }>((tie) => ({
  shape: fc.oneof(
    { depthSize: "small" },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("shape"), { maxLength: 4 }),
    fc.dictionary(key, tie("shape"), { maxKeys: 5 }),
  ),
}));

test("the prepared hash is that of the filled shape, for any shape", () => {
  fc.assert(
    fc.property(shape, fc.boolean(), (value, known) => {
      const target = known ? TARGET : { schema: 'we"st', values: { "VALUE:a": "v" } };
      expect(shapeHasher(value)(target)).toBe(sha256(canonicalJson(fillShape(value, target))));
    }),
    { numRuns: 1000 },
  );
});
