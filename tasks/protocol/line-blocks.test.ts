import fc from "fast-check";
import { countLines, LineBlocks } from "./line-blocks";

/** Cuts bytes at the given places, in any order and with repeats. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

function linesOf(blocks: LineBlocks, chunks: readonly Buffer[]): string[] {
  const whole = Buffer.concat(chunks.flatMap((chunk) => blocks.push(chunk)));
  return whole.length === 0 ? [] : whole.toString().slice(0, -1).split("\n");
}

const line = fc.string({ unit: "binary", maxLength: 40 }).map((text) => text.replaceAll("\n", "é"));

describe("line blocks", () => {
  test("any chunks of any lines give the same lines, torn characters included", () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(400)), line, (lines, places, rest) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join("") + rest);
        const blocks = new LineBlocks();
        expect(linesOf(blocks, cutAt(bytes, places))).toEqual(lines.map((text) => Buffer.from(text).toString()));
        expect(blocks.end()?.toString() ?? "").toBe(Buffer.from(rest).toString());
      }),
    );
  });

  test("every block ends with a line end, and its lines are counted", () => {
    const blocks = new LineBlocks();
    expect(blocks.push(Buffer.from("a\nbé\nc")).map((block) => [block.toString(), countLines(block)])).toEqual([
      ["a\nbé\n", 2],
    ]);
    expect(blocks.push(Buffer.from("c\n\nd\ne")).map((block) => [block.toString(), countLines(block)])).toEqual([
      ["cc\n", 1],
      ["\nd\n", 2],
    ]);
    expect(blocks.pendingBytes).toBe(1);
  });

  test("whole lines of a chunk are not copied", () => {
    const chunk = Buffer.from("a\nb\nc");
    expect(new LineBlocks().push(chunk)[0]?.buffer).toBe(chunk.buffer);
  });

  test.each([
    ["as long as allowed", "12345\n", false],
    ["longer in one chunk", "123456\n", true],
  ])("a line that is %s", (_title, text, refused) => {
    const push = () => [...text].flatMap((letter) => blocks.push(Buffer.from(letter)));
    const blocks = new LineBlocks(5);
    if (refused) expect(push).toThrow("a line is longer than 5 bytes");
    else expect(Buffer.concat(push()).toString()).toBe(text);
  });
});
