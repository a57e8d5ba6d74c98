import { CDC_MESSAGES } from "./messages/cdc";
import { LANGUAGE_MESSAGES } from "./messages/language";
import { OBJECTS_MESSAGES } from "./messages/objects";
import type { Templates } from "./messages/template";

/** An error as a client sees it: number, severity (class), state and text of SQL Server's own messages. */
export class SqlError extends Error {
  override readonly name: string = "SqlError";
  /** Line of the batch, from 1; set where the statement is known. */
  line = 1;
  /** The procedure that raised it, or empty. */
  procedure = "";

  constructor(
    readonly number: number,
    readonly severity: number,
    readonly state: number,
    message: string,
  ) {
    super(message);
  }
}

/** Number of every error that says "this stand-in cannot do that"; never used by SQL Server on premises. */
export const UNSUPPORTED = 40510;

/** The construct is one that SQL Server knows and the stand-in doesn't: an error, never a wrong answer. */
export function unsupported(construct: string): SqlError {
  return new SqlError(UNSUPPORTED, 16, 1, `This SQL Server stand-in does not support ${construct}.`);
}

const TEMPLATES: Templates = { ...LANGUAGE_MESSAGES, ...OBJECTS_MESSAGES, ...CDC_MESSAGES };

/** The error of that number with its placeholders filled in order. */
export function sqlError(number: number, ...parts: readonly (string | number)[]): SqlError {
  const [severity, state, text] = TEMPLATES[number] ?? [16, 1, `Error ${number}.`];
  let next = 0;
  const message = text.replace(/%s/g, () => String(parts[next++] ?? ""));
  return new SqlError(number, severity, state, message);
}
