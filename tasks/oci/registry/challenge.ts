/** One way to log in that a registry offers. */
export interface Challenge {
  readonly scheme: "bearer" | "basic";
  readonly realm?: string;
  readonly service?: string;
  readonly scope?: string;
}

/** `name="value"`, `name=value`, or a word: the name of a scheme. */
const TOKEN = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|([\w-]+)/g;

/** Reads `WWW-Authenticate`; the ways that we know, in the registry's order. */
export function parseChallenges(header: string | undefined): Challenge[] {
  const found: Record<string, string>[] = [];
  for (const [, name, quoted, plain = "", word] of (header ?? "").matchAll(TOKEN)) {
    if (word !== undefined) found.push({ scheme: word.toLowerCase() });
    else if (name !== undefined) Object.assign(found.at(-1) ?? {}, { [name.toLowerCase()]: unquoted(quoted) ?? plain });
  }
  return found.filter(isKnown);
}

function unquoted(text: string | undefined): string | undefined {
  return text?.replace(/\\(.)/g, "$1");
}

function isKnown(challenge: Record<string, string>): challenge is Record<string, string> & Challenge {
  return challenge["scheme"] === "bearer" || challenge["scheme"] === "basic";
}
