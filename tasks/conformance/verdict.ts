/** What a case found. */
export type Outcome = "passed" | "failed" | "not applicable";

/** The provider doesn't do what the case asks for. */
export class CaseFailed extends Error {}

/** The case asks for something that this provider needn't do, or can't be asked. */
export class NotApplicable extends Error {}

/** Fails the case unless the condition holds. */
export function demand(condition: boolean, reason: string | (() => string)): asserts condition {
  if (!condition) throw new CaseFailed(typeof reason === "string" ? reason : reason());
}

/** Leaves the case out unless the condition holds. */
export function applies(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new NotApplicable(reason);
}

const LONGEST_SHOWN = 120;

/** The beginning of a line, for reasons. */
export function shownLine(line: Buffer | string): string {
  const text = typeof line === "string" ? line : line.toString();
  return JSON.stringify(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);
}
