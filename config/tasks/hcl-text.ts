import { ACTION, interpolationEnd, matched } from "./hcl-scan";

/** A part of a text that an HCL string stands for. */
export type TextPart =
  | { readonly kind: "literal"; readonly text: string }
  /** `{{ env "X" }}` or `env("X")`, with what stands for a variable that isn't set. */
  | { readonly kind: "variable"; readonly name: string; readonly fallback?: string }
  /** `local.retries`, the keys behind `local`. */
  | { readonly kind: "local"; readonly path: readonly (string | number)[] }
  | { readonly kind: "fault"; readonly text: string; readonly hint: string };

const ACTION_ENV =
  /^\{\{-?\s*env\s+(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)\s*(?:\|\s*default\s+(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)\s*)?-?\}\}$/s;
const CALL_ENV = /^env\(\s*"((?:[^"\\]|\\.)*)"\s*\)$/s;
const LOCAL = /^local((?:\.[\p{ID_Start}_][\p{ID_Continue}-]*|\.\d+|\[\d+\]|\["(?:[^"\\]|\\.)*"\])+)$/u;

/**
 * Parts of a string as hcl2json tells it: interpolations as they are written (an expression without quotes is one
 * that fills the whole string), `$${` and `%%{` with both signs.
 */
export function partsOf(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let literal = "";
  for (let at = 0; at < text.length;) {
    const { part, length } = partAt(text, at);
    at += length;
    if (typeof part === "string") literal += part;
    else {
      if (literal !== "") parts.push({ kind: "literal", text: literal });
      literal = "";
      parts.push(part);
    }
  }
  return literal === "" ? parts : [...parts, { kind: "literal", text: literal }];
}

function partAt(text: string, at: number): { part: TextPart | string; length: number } {
  const escape = text.slice(at, at + 3);
  if (escape === "$${" || escape === "%%{") return { part: escape.slice(1), length: 3 };
  if (text.startsWith("${", at)) {
    const end = interpolationEnd(text, at + 2);
    return { part: expression(text.slice(at + 2, end - 1).trim()), length: end - at };
  }
  if (text.startsWith("%{", at)) {
    const end = interpolationEnd(text, at + 2);
    return { part: unknown(text.slice(at, end)), length: end - at };
  }
  const action = matched(ACTION, text, at);
  return action === undefined
    ? { part: text.charAt(at), length: 1 }
    : { part: templateAction(action), length: action.length };
}

function templateAction(text: string): TextPart {
  const found = ACTION_ENV.exec(text);
  if (found === null)
    return { kind: "fault", text: `${text} is no template that is known`, hint: 'known is {{ env "NAME" }}' };
  const [, quoted, plain = "", otherwise, other] = found;
  const fallback = otherwise === undefined ? other : unescaped(otherwise);
  return {
    kind: "variable",
    name: quoted === undefined ? plain : unescaped(quoted),
    ...(fallback === undefined ? {} : { fallback }),
  };
}

function expression(text: string): TextPart {
  const call = CALL_ENV.exec(text);
  if (call !== null) return { kind: "variable", name: unescaped(call[1] ?? "") };
  const local = LOCAL.exec(text);
  return local === null ? unknown(text) : { kind: "local", path: keysOf(local[1] ?? "") };
}

function keysOf(text: string): (string | number)[] {
  const keys = text.match(/\["(?:[^"\\]|\\.)*"\]|\[\d+\]|[^.[\]]+/gu) ?? [];
  return keys.map((key) => {
    const plain = key.replace(/^\[|\]$/g, "");
    return plain.startsWith('"') ? unescaped(plain.slice(1, -1)) : /^\d+$/.test(plain) ? Number(plain) : plain;
  });
}

function unknown(text: string): TextPart {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  const hint = 'known are env("NAME") and local.<name>; write $${ for a plain ${';
  return { kind: "fault", text: `the expression ${shown} can't be computed here`, hint };
}

function unescaped(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}
