import { textsIn } from "./expansion";

const SECRET_KEY =
  /(?:password|passwd|pwd|passphrase|secret|token|credentials?|connection_?string|sas(?:_?url)?|(?:access|account|api|shared_?access|private)_?key)$/i;
const SECRET_VARIABLE = /PASSWORD|PASSPHRASE|PASSWD|SECRET|TOKEN|CONNECTION|CREDENTIAL|_KEY$|_SAS$|PWD$/i;
/** Secrets within a connection string: `Password=…;`, `SharedAccessKey=…`, `//user:password@`. */
const WITHIN = [
  /(?:^|;)\s*(?:password|pwd|sharedaccesskey|accountkey|sharedaccesssignature)\s*=\s*("(?:[^"]|"")*"|'(?:[^']|'')*'|\{[^}]*\}|[^;]*)/gi,
  /:\/\/[^/?#\s:@]*:([^/?#\s@]+)@/g,
];
/** Shorter ones are words that messages need. */
const SHORTEST = 4;

/** Texts of a configuration that no output may show: by their key, by their variable, and the passwords within them. */
export function secretsIn(config: unknown, variables: ReadonlyMap<string, string>): string[] {
  const ofVariables = [...variables].filter(([name]) => SECRET_VARIABLE.test(name)).map(([, value]) => value);
  const whole = [...secretTexts(config), ...ofVariables];
  const within = [...whole, ...textsIn(config)].flatMap(passwordsIn);
  const all = [...whole, ...within].filter((text) => text.length >= SHORTEST);
  // Longest first: what is replaced must not leave the rest of a longer one behind.
  return [...new Set(all)].sort((one, other) => other.length - one.length);
}

function secretTexts(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => (SECRET_KEY.test(key) ? textsIn(one) : secretTexts(one)));
}

function passwordsIn(text: string): string[] {
  return WITHIN.flatMap((pattern) => [...text.matchAll(pattern)].flatMap(([, found = ""]) => spellings(found)));
}

/** As it is written, and as it is meant. */
function spellings(text: string): string[] {
  const bare = text.trim().replace(/^(["'{])(.*)["'}]$/s, "$2");
  return [text.trim(), bare, bare.replaceAll('""', '"').replaceAll("''", "'"), decoded(bare)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
