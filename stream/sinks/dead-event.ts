import type { TableShape } from "../../model/table-shape";

/** An event or a line that could not be taken, as it goes to the dead letters. */
export interface DeadEvent {
  /** Sink schema and table; absent when no table was found. */
  readonly schema?: string;
  readonly table?: string;
  readonly position?: string;
  readonly operation?: string;
  /** JSON that `jsonb` can hold: the envelope, or `{"text": …}` around what is not one. */
  readonly payload: string;
  readonly reason: string;
  readonly sqlstate?: string;
}

/** The dead letter of an event that has a table and a place. */
export function deadEvent(
  shape: TableShape,
  event: { readonly raw: string; readonly position: string; readonly operation: string },
  cause: { readonly reason: string; readonly sqlstate?: string },
): DeadEvent {
  const { schema, table } = shape;
  return {
    schema,
    table,
    position: event.position,
    operation: event.operation,
    payload: payloadOf(event.raw),
    ...cause,
  };
}

// JSON that PostgreSQL's jsonb refuses or that costs it too much: NUL, half a surrogate pair, numbers beyond numeric.
const NOT_FOR_JSONB = /\\u(?:0000|d[89a-f])|[0-9]{1000}|[0-9][eE][+-]?[0-9]{3}/i;
const MAX_JSON_LENGTH = 1_000_000;
const MAX_BRACKETS = 1_000;
const MAX_TEXT_LENGTH = 50_000_000;

/** An envelope's JSON as it is, when jsonb surely holds it; else the text of it inside `{"text": …}`, cut at 50 million characters. */
export function payloadOf(json: string): string {
  const plain = json.length <= MAX_JSON_LENGTH && !NOT_FOR_JSONB.test(json) && bracketsOf(json) <= MAX_BRACKETS;
  return plain ? json : textPayload(json);
}

/** What is not JSON, as a payload. */
export function textPayload(text: string, line?: number): string {
  const kept = text
    .slice(0, MAX_TEXT_LENGTH)
    .replaceAll("\0", "␀")
    .replace(/\p{Surrogate}/gu, "\ufffd");
  const cut = text.length > MAX_TEXT_LENGTH ? { cut: true } : {};
  return JSON.stringify({ ...(line === undefined ? {} : { line }), text: kept, ...cut });
}

/** The envelope's JSON inside a stored payload. */
export function storedText(payload: string): string {
  const text = (JSON.parse(payload) as { text?: unknown } | null)?.text;
  return typeof text === "string" ? text : payload;
}

function bracketsOf(json: string): number {
  return json.match(/[[{]/g)?.length ?? 0;
}
