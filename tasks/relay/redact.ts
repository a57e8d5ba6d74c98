const SHORTEST = 4;
const COVER = "[secret]";

/** Replaces secrets in texts, also where a secret is written as part of JSON or of an address. */
export interface Redactor {
  (text: string): string;
  /** Length of the longest secret. */
  readonly longest: number;
}

/** A redactor of these values; values of fewer than four characters are no secrets, and would hide half of every text. */
export function redactorOf(secrets: readonly string[]): Redactor {
  const forms = new Set(secrets.filter(({ length }) => length >= SHORTEST).flatMap(formsOf));
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  const redact = (text: string) => longestFirst.reduce((rest, secret) => rest.replaceAll(secret, COVER), text);
  return Object.assign(redact, { longest: longestFirst[0]?.length ?? 0 });
}

function formsOf(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
}
