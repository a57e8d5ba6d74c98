import fc from "fast-check";
import { LineBlocks } from "../protocol/line-blocks";
import { InputLines } from "./input-lines";

const data = fc
  .record({ data: fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()), metadata: fc.object() })
  .map((envelope) => JSON.stringify(envelope));
const control = fc.constantFrom('{"type":"heartbeat"}', '{"type":"state","count":0,"state":"é"}', ' { "type": "eof"}');

/** Reads lines in pieces of any size, and answers what was passed on. */
function read(check: "parsed" | "none", lines: readonly string[], places: readonly number[]) {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  const passed: Buffer[] = [];
  const controls: string[] = [];
  let count = 0;
  const sink = {
    data: (block: Buffer, found: number) => {
      passed.push(block);
      count += found;
    },
    control: (line: string) => void controls.push(line),
  };
  const blocks = new LineBlocks();
  const input = new InputLines({ check, legacy: false }, sink);
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (const [index, end] of cuts.slice(1).entries()) {
    for (const block of blocks.push(bytes.subarray(cuts[index], end))) input.take(block);
  }
  return { data: Buffer.concat(passed).toString(), count, controls };
}

describe.each(["parsed", "none"] as const)("check %s", (check) => {
  test("any chunks of any lines pass the same data lines and control lines", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(data, data, control)), fc.array(fc.nat(2000)), (lines, places) => {
        const isControl = (line: string) => /^ ?\{ ?"type"/.test(line);
        const whole = lines.filter((line) => !isControl(line));
        expect(read(check, lines, places)).toEqual({
          data: whole.map((line) => `${Buffer.from(line).toString()}\n`).join(""),
          count: whole.length,
          controls: lines.filter(isControl),
        });
      }),
    );
  });

  test("a bad line is named by its number, and the lines before it have gone on", () => {
    const good = '{"data":{},"metadata":{}}';
    fc.assert(
      fc.property(fc.nat(20), fc.array(fc.nat(800)), (before, places) => {
        const lines = [...Array.from({ length: before }, () => good), "oops é", good];
        expect(() => read(check, lines, places)).toThrow(`line ${before + 1}: it is neither data nor control`);
      }),
    );
  });
});
