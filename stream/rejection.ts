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
  return value.length > SHOWN ? `'${cut(value)}…' (${String(value.length)} characters)` : `'${cut(value)}'`;
}

/** The beginning of a text without what PostgreSQL cannot store (a NUL, half a surrogate pair), since reasons are. */
export function cut(text: string): string {
  return text.slice(0, SHOWN).replaceAll("\0", "␀").replace(LONE_SURROGATE, "\ufffd");
}
