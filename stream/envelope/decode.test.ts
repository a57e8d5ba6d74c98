import fc from "fast-check";
import { Rejection } from "../rejection";
import { decodeEnvelope } from "./decode";

const METADATA = { TableName: "Persons", OperationType: "Insert", LSN: "0000004c000028200003" };

function decode(value: unknown): unknown {
  const decoded = decodeEnvelope(typeof value === "string" ? value : JSON.stringify(value));
  return decoded instanceof Rejection ? decoded.reason : decoded;
}

describe("envelopes", () => {
  test("the seed's example is one", () => {
    const line = `{"data": {"ID": "123", "Name": "Ameer"}, "metadata": {"TableName": "Persons", "OperationType": "Insert", "LSN": "0000004c000028200003"}}`;
    expect(decode(line)).toEqual({ data: { ID: "123", Name: "Ameer" }, metadata: METADATA });
  });

  test.each(["INSERT", "insert", "c"])("operation %s means Insert", (OperationType) => {
    expect(decode({ data: {}, metadata: { ...METADATA, OperationType } })).toEqual({ data: {}, metadata: METADATA });
  });

  test("a delete may leave out its data", () => {
    const metadata = { ...METADATA, OperationType: "Delete", Before: { ID: 1 } };
    expect(decode({ metadata })).toEqual({ data: {}, metadata });
  });

  test("a null in the metadata is an absent one", () => {
    expect(decode({ data: {}, metadata: { ...METADATA, Schema: null, CommandId: null, Before: null } })).toEqual({
      data: {},
      metadata: METADATA,
    });
  });

  test.each([
    ["{", "not JSON: Expected property name or '}'"],
    ["[]", 'not an envelope: an object with "data" and "metadata" is expected'],
    ["null", 'not an envelope: an object with "data" and "metadata" is expected'],
    [{ data: {} }, 'not an envelope: "metadata" is missing or not an object'],
    [{ metadata: METADATA }, 'not an envelope: "data" is missing or not an object'],
    [{ data: [], metadata: METADATA }, 'not an envelope: "data" is missing or not an object'],
    [{ data: {}, metadata: { ...METADATA, TableName: 1 } }, 'metadata "TableName" is missing or not a text'],
    [{ data: {}, metadata: { ...METADATA, LSN: null } }, 'metadata "LSN" is missing or not a text'],
    [
      { data: {}, metadata: { ...METADATA, OperationType: "Upsert" } },
      `metadata "OperationType" is 'Upsert': Insert, Update, Delete or Read is expected`,
    ],
    [{ data: {}, metadata: { ...METADATA, OperationType: 2 } }, 'metadata "OperationType" is missing or not a text'],
    [{ data: {}, metadata: { ...METADATA, Tenant: 5 } }, 'metadata "Tenant" is not a text'],
    [
      { data: {}, metadata: { ...METADATA, CommandId: -1 } },
      'metadata "CommandId" is not a whole number from 0 to 4294967295',
    ],
    [{ data: {}, metadata: { ...METADATA, Before: "x" } }, 'metadata "Before" is not an object'],
  ])("%j is refused with the reason", (value, reason) => {
    expect(decode(value)).toContain(reason);
  });

  test("no text at all makes it throw", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.jsonValue().map((data) => JSON.stringify({ data, metadata: METADATA })),
        ),
        (text) => {
          const decoded = decodeEnvelope(text);
          return decoded instanceof Rejection ? decoded.reason !== "" : typeof decoded.data === "object";
        },
      ),
    );
  });
});
