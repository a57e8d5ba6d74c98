import type { DeadEvent } from "./dead-event";
import type { PgClient } from "./session";

const RECORD = `SELECT cdc_management.record_dead_letter(e.s, e.t, $1, decode(e.p, 'hex'), e.o, e.j::jsonb, e.r, e.c)
  FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) WITH ORDINALITY
    AS e (s, t, p, o, j, r, c, n)
  ORDER BY e.n`;
const ROWS_PER_QUERY = 5_000;
const CHARACTERS_PER_QUERY = 16_000_000;

/** Writes dead events in the current transaction; one that is there already counts an attempt. */
export async function recordDeadEvents(
  client: PgClient,
  pipeline: string,
  events: readonly DeadEvent[],
): Promise<void> {
  for (const part of parts(events)) {
    const column = (pick: (event: DeadEvent) => string | undefined): (string | null)[] =>
      part.map((event) => pick(event) ?? null);
    await client.query(RECORD, [
      pipeline,
      part.map((event) => event.schema ?? ""),
      part.map((event) => event.table ?? ""),
      column((event) => event.position),
      column((event) => event.operation),
      column((event) => event.payload),
      column((event) => event.reason),
      column((event) => event.sqlstate),
    ]);
  }
}

function* parts(events: readonly DeadEvent[]): Generator<DeadEvent[]> {
  let part: DeadEvent[] = [];
  let size = 0;
  for (const event of events) {
    if (part.length >= ROWS_PER_QUERY || (part.length > 0 && size + event.payload.length > CHARACTERS_PER_QUERY)) {
      yield part;
      part = [];
      size = 0;
    }
    part.push(event);
    size += event.payload.length;
  }
  if (part.length > 0) yield part;
}
