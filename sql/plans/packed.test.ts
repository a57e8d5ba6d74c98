import fc from "fast-check";
import { packList, packRecord, unpackList, unpackProps, unpackRecord } from "./packed";

test("a packed record reads like its columns", () => {
  expect(packRecord({ Id: "bigint not null", "a|b": "text" })).toBe("Id|bigint not null|a\\|b|text");
});

test("whatever is packed comes back, in its order", () => {
  const texts = fc.array(fc.string({ minLength: 1 }), { minLength: 0, maxLength: 6 });
  fc.assert(fc.property(texts, (parts) => expect(unpackList(packList(parts))).toEqual(parts)));
  // Keys that look like array indexes are sorted by JavaScript itself; a name never becomes one of the prototype's.
  const record = fc.dictionary(
    fc.string({ minLength: 1 }).filter((key) => key !== "__proto__"),
    fc.string(),
  );
  fc.assert(
    fc.property(record, (columns) => {
      expect(Object.entries(unpackRecord(packRecord(columns)))).toEqual(Object.entries(columns));
    }),
  );
});

test("properties come as the plans know them, packed or not", () => {
  const plain = { table: "T", columns: { Id: "int" }, order: ["Id"] };
  expect(unpackProps(plain)).toBe(plain);
  expect(unpackProps({ table: "T", columns: "Id|int", order: "Id" })).toEqual(plain);
});
