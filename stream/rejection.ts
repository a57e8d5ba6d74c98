/** Why an event or a line cannot be taken. It goes to the dead letters; it is a value, never thrown. */
export class Rejection {
  constructor(
    /** One clause for people, such as `column "Amount": 'abc' is not a numeric(8,2)`. */
    readonly reason: string,
  ) {}
}

const SHOWN = 60;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** A value as a reason shows it: quoted, and cut when long. */
export function shown(value: string): string {
  // A NUL or a lone surrogate cannot be stored in PostgreSQL, and reasons are.
  const clean = value.slice(0, SHOWN).replaceAll("\0", "␀").replace(LONE_SURROGATE, "\ufffd");
  return value.length > SHOWN ? `'${clean}…' (${String(value.length)} characters)` : `'${clean}'`;
}
