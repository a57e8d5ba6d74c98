import { isObject, parseObject } from "../protocol/json-object";
import type { Subject } from "./subject";

const ZEROS = 20;

/** So many data lines for an output, without line ends: the given ones over and over, or made-up ones. */
export function sampleLines({ lines }: Subject, count: number, first = 1): string[] {
  return Array.from(
    { length: count },
    (_, at) => lines[(first - 1 + at) % lines.length] ?? madeUp(first + at, "value"),
  );
}

/** A line whose values hold a text; undefined when the given lines have no text to replace. */
export function lineWith({ lines }: Subject, text: string): string | undefined {
  const [given] = lines;
  if (given === undefined) return madeUp(1, text);
  const found = parseObject(given);
  const data = isObject(found?.["data"]) ? found["data"] : {};
  const column = longestText(data);
  if (found === undefined || column === undefined) return undefined;
  return JSON.stringify({ ...found, data: { ...data, [column]: text } });
}

/** The column that is most likely to take any text. */
function longestText(data: Readonly<Record<string, unknown>>): string | undefined {
  const texts = Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return texts.sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
}

function madeUp(number: number, text: string): string {
  const lsn = number.toString(16).padStart(ZEROS, "0");
  const metadata = { TableName: "Conformance", OperationType: "Insert", Schema: "dbo", LSN: lsn };
  return JSON.stringify({ data: { Id: number, Name: text }, metadata });
}
