import fc from "fast-check";
import {
  oldKeyPosition,
  OPERATION_CODE,
  packPosition,
  parsePosition,
  unpackPosition,
  type PositionParts,
} from "./position";

const digits = fc.bigInt({ min: 0n, max: 2n ** 80n - 1n }).map((value) => value.toString(16).padStart(20, "0"));
const parts: fc.Arbitrary<PositionParts> = fc.record({
  lsn: digits,
  commandId: fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
  seqval: digits,
  operation: fc.integer({ min: 0, max: 255 }),
});

function compare(a: PositionParts, b: PositionParts): number {
  const order = [cmp(a.lsn, b.lsn), a.commandId - b.commandId, cmp(a.seqval, b.seqval), a.operation - b.operation];
  return Math.sign(order.find((part) => part !== 0) ?? 0);
}

function cmp(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

describe("position", () => {
  test("its text order is the order of LSN, command, seqval, operation", () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(cmp(packPosition(a), packPosition(b))).toBe(compare(a, b));
      }),
    );
  });

  test("unpacks to what was packed", () => {
    fc.assert(
      fc.property(parts, (all) => {
        expect(unpackPosition(packPosition(all))).toEqual(all);
        expect(parsePosition(packPosition(all).toUpperCase())).toBe(packPosition(all));
      }),
    );
  });

  test("50 hex digits are one, nothing else", () => {
    expect(parsePosition("0".repeat(50))).toBe("0".repeat(50));
    for (const text of ["", "0".repeat(49), "0".repeat(51), "g".repeat(50), ` ${"0".repeat(49)}`]) {
      expect(parsePosition(text)).toBeUndefined();
    }
  });

  test("parts that do not fit are refused", () => {
    const fine = { lsn: "0".repeat(20), commandId: 0, seqval: "0".repeat(20), operation: 0 };
    for (const wrong of [
      { lsn: "0" },
      { seqval: "z".repeat(20) },
      { commandId: 2 ** 32 },
      { commandId: 0.5 },
      { operation: 256 },
    ]) {
      expect(() => packPosition({ ...fine, ...wrong })).toThrow(RangeError);
    }
  });
});

describe("the position of the old key's delete", () => {
  test("is before the update, and after everything before it", () => {
    fc.assert(
      fc.property(parts, (all) => {
        const update = packPosition({ ...all, operation: OPERATION_CODE.update });
        const former =
          all.commandId === 0
            ? packPosition({ ...all, operation: 2 })
            : packPosition({ ...all, seqval: "0".repeat(20), operation: 2 });
        expect(oldKeyPosition(update) < update).toBe(true);
        expect(oldKeyPosition(update) > former).toBe(true);
      }),
    );
  });

  test("is before every write of the same command, so that swapped keys survive", () => {
    const lsn = "0".repeat(20);
    const [first, second] = ["1", "2"].map((seqval) =>
      packPosition({ lsn, commandId: 7, seqval: seqval.padStart(20, "0"), operation: 4 }),
    );
    expect(oldKeyPosition(second as never) < String(first)).toBe(true);
  });
});
