import Debug from "tedious/lib/debug";
import StreamParser from "tedious/lib/token/stream-parser";
import type { ParserOptions } from "tedious/lib/token/stream-parser";
import { TokenHandler } from "tedious/lib/token/handler";
import { CANNED_ANSWER, CANNED_VALUES, NOT_NULL } from "./canned-answer";
import { conversionOf, plainRow, type PlainCell } from "./plain-rows";
import { RowFormatError } from "./row-format-error";
import type { ExactRow } from "./row-reader";
import { RowTokenStream } from "./token-reader";

const OPTIONS = { useUTC: true, tdsVersion: "7_4", useColumnNames: false, lowerCaseGuids: false } as ParserOptions;
/** The answer arrives in pieces of so many bytes, so that tokens are torn. */
const PIECE = 97;

/**
 * Reads an answer that we know with our decoder and with the driver's parser.
 * @throws RowFormatError when they differ, or a value isn't the known one.
 */
export async function selfTest(): Promise<void> {
  const answer = Buffer.from(CANNED_ANSWER, "base64");
  const ours = await ourRows(answer);
  const theirs = await driverRows(answer);
  const known = [CANNED_VALUES, CANNED_VALUES.map((value, index) => zeroOf(value, index))];
  if (ours.length !== known.length) throw new RowFormatError(`${String(ours.length)} rows instead of 2`);
  known.forEach((row, number) => {
    row.forEach((value, index) => {
      const plain = theirs[number]?.[index];
      const differs = plain !== undefined && plain !== ours[number]?.[index];
      if (differs || ours[number]?.[index] !== value)
        throw new RowFormatError(
          `column ${String(index)} of row ${String(number)} is ${String(ours[number]?.[index])}`,
        );
    });
  });
}

function zeroOf(value: string, index: number): string | null {
  if (index >= NOT_NULL) return null;
  return value.includes(".") && index > 6 ? "0.0000" : "0";
}

// eslint-disable-next-line @typescript-eslint/require-await -- what the parsers take is asynchronous
async function* pieces(answer: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < answer.length; at += PIECE) yield answer.subarray(at, at + PIECE);
}

function ourRows(answer: Buffer): Promise<readonly ExactRow[]> {
  return new Promise((resolve, reject) => {
    const rows: ExactRow[] = [];
    const ignore = new Proxy(new TokenHandler(), { get: () => () => undefined });
    const stream = new RowTokenStream(pieces(answer), new Debug(), ignore, OPTIONS, {
      batch: (batch) => rows.push(...batch.rows),
      unknownColumn: ({ name }) => {
        reject(new RowFormatError(`column ${name} is unknown`));
      },
      failed: reject,
      isCancelled: () => false,
    });
    stream.on("end", () => {
      resolve(rows);
    });
  });
}

/** As far as the driver's values are exact; undefined elsewhere. */
async function driverRows(answer: Buffer): Promise<readonly (readonly (string | null | undefined)[])[]> {
  const rows: (string | null | undefined)[][] = [];
  for await (const token of StreamParser.parseTokens(pieces(answer), new Debug(), OPTIONS)) {
    if (token?.handlerName !== "onRow") continue;
    const cells = (token as unknown as { columns: PlainCell[] }).columns;
    rows.push(cells.map((cell) => (isExact(cell) ? plainRow([cell])[0] : undefined)));
  }
  return rows;
}

function isExact({ metadata }: PlainCell): boolean {
  return metadata.type.name !== "Variant" && conversionOf(metadata) === undefined;
}
