/** What a line of a provider is, told by its first key: `{"data"` or `{"metadata"` is data, `{"type"` is control. */
export type LineKind = "data" | "control" | "stray";

const OPEN = 0x7b; // {
const QUOTE = 0x22; // "
const LETTER = { d: 0x64, m: 0x6d, t: 0x74 };
const WORDS = { data: Buffer.from('data"'), metadata: Buffer.from('metadata"'), type: Buffer.from('type"') };

/** Looks at the first bytes only: the rest may be anything. `end` is where the line ends, without its line end. */
export function lineKind(bytes: Buffer, start: number, end: number): LineKind {
  let at = afterBlanks(bytes, start, end);
  if (bytes[at] !== OPEN || at >= end) return "stray";
  at = afterBlanks(bytes, at + 1, end);
  if (bytes[at] !== QUOTE || at >= end) return "stray";
  return keyKind(bytes, at + 1, end);
}

function keyKind(bytes: Buffer, at: number, end: number): LineKind {
  const letter = bytes[at];
  if (letter === LETTER.d && has(bytes, at, end, WORDS.data)) return "data";
  if (letter === LETTER.m && has(bytes, at, end, WORDS.metadata)) return "data";
  if (letter === LETTER.t && has(bytes, at, end, WORDS.type)) return "control";
  return "stray";
}

function has(bytes: Buffer, at: number, end: number, word: Buffer): boolean {
  if (at + word.length > end) return false;
  for (let index = 1; index < word.length; index++) if (bytes[at + index] !== word[index]) return false;
  return true;
}

function afterBlanks(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(bytes[at])) at += 1;
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
