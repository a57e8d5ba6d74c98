import fc from "fast-check";
import { readLines, type Line, type LineOptions } from "./lines";

async function* from(chunks: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield Buffer.from(chunk);
  }
}

async function lines(chunks: readonly (string | Buffer)[], options?: LineOptions): Promise<Line[]> {
  const all: Line[] = [];
  for await (const some of readLines(from(chunks), options)) all.push(...some);
  return all;
}

describe("lines of the input", () => {
  test.each([
    ["\n line ends", ["a\nb\n"], ["1 a", "2 b"]],
    ["\r\n line ends", ["a\r\nb\r\n"], ["1 a", "2 b"]],
    ["\r\n cut by a chunk", ["a\r", "\nb"], ["1 a", "2 b"]],
    ["a last line without an end", ["a\nb"], ["1 a", "2 b"]],
    ["a byte order mark", ["\ufeffa\nb"], ["1 a", "2 b"]],
    ["a byte order mark cut by chunks", [Buffer.from([0xef]), Buffer.from([0xbb, 0xbf, 0x61])], ["1 a"]],
    ["blank lines, which count", ["\n  \na\n\r\n\nb"], ["3 a", "6 b"]],
    ["characters of several bytes cut by a chunk", [Buffer.from([0xc3]), Buffer.from([0xa6, 0x0a])], ["1 æ"]],
    ["nothing", [], []],
    ["only a line end", ["\n"], []],
  ])("takes %s", async (_title, chunks, expected) => {
    expect((await lines(chunks)).map(({ number, text }) => `${String(number)} ${text}`)).toEqual(expected);
  });

  test("a line that is not UTF-8 fails alone", async () => {
    const found = await lines([Buffer.from("a\n"), Buffer.from([0x62, 0xff, 0x0a]), Buffer.from("c\n")]);
    expect(found.map((line) => line.failure)).toEqual([undefined, "not valid UTF-8", undefined]);
    expect(found.map((line) => line.number)).toEqual([1, 2, 3]);
  });

  test("a line that is too long fails alone and is not kept", async () => {
    const found = await lines(["ab\n", "x".repeat(3000), "x".repeat(3000), "y\nc", "d\n"], { maxLineBytes: 5000 });
    expect(found.map(({ number, failure }) => [number, failure])).toEqual([
      [1, undefined],
      [2, "longer than 5000 bytes"],
      [3, undefined],
    ]);
    expect(found[1]?.text).toHaveLength(2048);
    expect(found[2]?.text).toBe("cd");
  });

  test("where chunks are cut makes no difference", async () => {
    const content = fc.array(fc.stringMatching(/^[a-zæ😀 \r]*$/), { maxLength: 8 }).map((parts) => parts.join("\n"));
    await fc.assert(
      fc.asyncProperty(content, fc.array(fc.nat(40)), async (text, cuts) => {
        const bytes = Buffer.from(text);
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(await lines(chunks)).toEqual(await lines([bytes]));
      }),
    );
  });
});
