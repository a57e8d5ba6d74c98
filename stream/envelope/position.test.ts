import type { EnvelopeMetadata } from "../../model/envelope";
import { Rejection } from "../rejection";
import { lsnDigits, PositionReader } from "./position";

const LSN = "0000004c000028200003";
const NEXT_LSN = "0000004c000028200004";

function metadata(parts: Partial<EnvelopeMetadata> = {}): EnvelopeMetadata {
  return { TableName: "T", OperationType: "Insert", LSN, ...parts };
}

function positions(...events: readonly EnvelopeMetadata[]): string[] {
  const reader = new PositionReader();
  return events.map((event) => {
    const position = reader.next(event);
    return position instanceof Rejection ? position.reason : position;
  });
}

describe("the position of an event", () => {
  test("is Position as it stands, in lower case", () => {
    const Position = `0x${LSN}00000001${"0".repeat(20)}02`.toUpperCase().replace("X", "x");
    expect(positions(metadata({ Position }))).toEqual([Position.slice(2).toLowerCase()]);
  });

  test("is LSN, command, seqval and operation when one of them is told", () => {
    const SeqVal = "0x0000004c000028200002";
    expect(
      positions(
        metadata({ CommandId: 3, SeqVal, OperationType: "Update" }),
        metadata({ CommandId: 4 }),
        metadata({ SeqVal }),
      ),
    ).toEqual([
      `${LSN}00000003${SeqVal.slice(2)}04`,
      `${LSN}00000004${"0".repeat(20)}02`,
      `${LSN}00000000${SeqVal.slice(2)}02`,
    ]);
  });

  test("is else the place within the run of one LSN", () => {
    const all = positions(
      metadata(),
      metadata({ OperationType: "Delete" }),
      metadata({ LSN: NEXT_LSN }),
      metadata({ LSN: NEXT_LSN }),
    );
    expect(all.map((position) => [position.slice(0, 20), Number.parseInt(position.slice(28, 48), 16)])).toEqual([
      [LSN, 1],
      [LSN, 2],
      [NEXT_LSN, 1],
      [NEXT_LSN, 2],
    ]);
    expect([...all].sort()).toEqual(all);
  });

  test("puts a snapshot row before every change of its LSN", () => {
    const [change, read] = positions(metadata(), metadata({ OperationType: "Read" }));
    expect(String(read) < String(change)).toBe(true);
    expect(read).toBe(`${LSN}${"0".repeat(30)}`);
  });

  test.each([
    [{ LSN: "12" }, `metadata "LSN" is '12': 20 hex digits are expected`],
    [{ SeqVal: "xyz" }, `metadata "SeqVal" is 'xyz': 20 hex digits are expected`],
    [{ Position: "00" }, `metadata "Position" is '00': 50 hex digits are expected`],
  ])("%j is refused with the reason", (parts, reason) => {
    expect(positions(metadata(parts))).toEqual([reason]);
  });

  test.each(["0x0000004C000028200003", "0000004c:00002820:0003", "0000004C000028200003"])("%s is an LSN", (text) => {
    expect(lsnDigits(text)).toBe(LSN);
  });
});
