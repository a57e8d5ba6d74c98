import type { Envelope, EnvelopeMetadata, EnvelopeRow } from "../../model/envelope";
import { oldKeyPosition, packPosition } from "../../model/position";
import type { ShapeColumn, TableShape } from "../../model/table-shape";
import { Rejection } from "../rejection";
import { RowEncoder } from "./row-encoder";

const POSITION = packPosition({ lsn: "a".repeat(20), commandId: 1, seqval: "b".repeat(20), operation: 4 });

function column(name: string, type: string, more: Partial<ShapeColumn> = {}): ShapeColumn {
  return { name, type, nullable: true, source: name, ...more };
}

const SHAPE: TableShape = {
  version: 1,
  schema: "cust01",
  table: "Order Lines",
  staging: "stg_Order Lines",
  procedure: "sp_merge_Order Lines",
  source: { database: "Shop", schema: "dbo", table: "OrderLine" },
  key: ["_customer_id", "Order", "line"],
  columns: [
    column("Order", "integer", { nullable: false }),
    column("line", "char(3)", { nullable: false, source: "Line" }),
    column('Na"me', "varchar(5)"),
    column("amount", "numeric(8,2)", { nullable: false }),
    { name: "_customer_id", type: "text", nullable: false, constant: "cust\\01" },
    { name: "_loaded_at", type: "timestamptz", nullable: false },
  ],
  onDelete: "hard",
  transforms: [],
};

const ENCODER = new RowEncoder(SHAPE, "nightly");
const TAIL = ["nightly", "Shop", "dbo.OrderLine", "\\N"];

function event(
  OperationType: EnvelopeMetadata["OperationType"],
  data: EnvelopeRow,
  more: Partial<EnvelopeMetadata> = {},
): Envelope {
  return { data, metadata: { TableName: "OrderLine", OperationType, LSN: "", ...more } };
}

function lines(envelope: Envelope): string | string[][] {
  const encoded = ENCODER.encode(envelope, POSITION);
  return encoded instanceof Rejection ? encoded.reason : encoded.split("\n").map((line) => line.split("\t"));
}

const FULL = { Order: "7", Line: "A", 'Na"me': "x", amount: "1.50" };
const KEY = "cust\\\\01";

describe("the staged rows of an event", () => {
  test("the COPY names source columns, constants and metadata, not what a DEFAULT fills", () => {
    expect(ENCODER.columns).toEqual([
      ...["Order", "line", 'Na"me', "amount", "_customer_id"],
      ...[
        "__source",
        "__source_db",
        "__source_table",
        "__source_ts_ms",
        "__cdc_operation",
        "__cdc_position",
        "__cdc_unchanged",
      ],
    ]);
  });

  test.each(["Insert", "Read"] as const)("%s gives the whole row, absent is NULL", (operation) => {
    const { 'Na"me': _dropped, ...data } = FULL;
    expect(lines(event(operation, data))).toEqual([
      ["7", "A", "\\N", "1.50", KEY, ...TAIL, operation, `\\\\x${POSITION}`, "\\N"],
    ]);
  });

  test("an update lists what it does not carry as unchanged, quoted for the array and for COPY", () => {
    expect(lines(event("Update", { Order: 7, Line: "A", amount: 2 }))).toEqual([
      ["7", "A", "\\N", "2", KEY, ...TAIL, "Update", `\\\\x${POSITION}`, '{"Na\\\\"me"}'],
    ]);
    expect(lines(event("Update", { Order: 7, Line: "A", 'Na"me': null }))).toEqual([
      ["7", "A", "\\N", "\\N", KEY, ...TAIL, "Update", `\\\\x${POSITION}`, '{"amount"}'],
    ]);
  });

  test("an update takes absent key columns, and nothing else, from the row before", () => {
    expect(lines(event("Update", { amount: 2 }, { Before: FULL }))).toEqual([
      ["7", "A", "\\N", "2", KEY, ...TAIL, "Update", `\\\\x${POSITION}`, '{"Na\\\\"me"}'],
    ]);
  });

  test("a changed key is a delete just before, and the whole row under the new key", () => {
    expect(lines(event("Update", { Order: 8, amount: 2 }, { Before: FULL }))).toEqual([
      ["7", "A", "\\N", "\\N", KEY, ...TAIL, "Delete", `\\\\x${oldKeyPosition(POSITION)}`, "\\N"],
      ["8", "A", "x", "2", KEY, ...TAIL, "Update", `\\\\x${POSITION}`, "\\N"],
    ]);
  });

  test("a key spelled otherwise is no changed key", () => {
    expect(lines(event("Update", { ...FULL, Order: "07", Line: "A  " }, { Before: FULL }))).toHaveLength(1);
  });

  test("a delete needs only the key, from its data or from the row before", () => {
    const expected = [["7", "A", "\\N", "\\N", KEY, ...TAIL, "Delete", `\\\\x${POSITION}`, "\\N"]];
    expect(lines(event("Delete", { Order: "7", Line: "A" }))).toEqual(expected);
    expect(lines(event("Delete", {}, { Before: FULL }))).toEqual(expected);
  });

  test.each([
    ["2025-02-07T10:17:21.587Z", "1738923441587"],
    ["2025-02-07 10:17:21.5870000", "1738923441587"],
    ["2025-02-07T11:17:21.587+01:00", "1738923441587"],
    ["2025-02-07", "1738886400000"],
  ])("commit time %s is told in milliseconds", (CommitTime, ms) => {
    expect(lines(event("Insert", FULL, { CommitTime, Database: "Other" }))[0]?.slice(5, 9)).toEqual([
      "nightly",
      "Other",
      "dbo.OrderLine",
      ms,
    ]);
  });

  test.each<[string, Envelope]>([
    ['key column "Order" is absent, which it cannot be', event("Update", { amount: 1 })],
    ['key column "Order" is NULL, which it cannot be', event("Delete", { Order: null, Line: "A" })],
    ['column "amount" is NULL, which it cannot be', event("Update", { ...FULL, amount: null })],
    ['column "amount" is absent, which it cannot be', event("Insert", { Order: 1, Line: "A" })],
    [`column "Na"me": 'abcdef' has 6 characters, more than 5`, event("Insert", { ...FULL, 'Na"me': "abcdef" })],
    [`column "Order": 'x' is not an integer`, event("Update", FULL, { Before: { Order: "x" } })],
    [`metadata "CommitTime" is 'noon': ISO 8601 is expected`, event("Insert", FULL, { CommitTime: "noon" })],
  ])("refuses: %s", (reason, envelope) => {
    expect(lines(envelope)).toBe(reason);
  });

  test("names that every JavaScript object has are absent unless the row has them", () => {
    const shape = {
      ...SHAPE,
      key: ["id"],
      columns: [column("id", "integer"), column("constructor", "text"), column("__proto__", "text")],
    };
    const encoder = new RowEncoder(shape, "x");
    const of = (data: string): unknown => encoder.encode(event("Insert", JSON.parse(data) as EnvelopeRow), POSITION);
    expect(String(of('{"id":1}')).split("\t").slice(0, 3)).toEqual(["1", "\\N", "\\N"]);
    expect(String(of('{"id":1,"constructor":"a","__proto__":"b"}')).split("\t").slice(0, 3)).toEqual(["1", "a", "b"]);
    expect(of('{"id":1,"__proto__":{}}')).toEqual(
      new Rejection('column "__proto__": is an object, a text is expected'),
    );
  });
});
