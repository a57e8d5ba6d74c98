/** Keys in lower case without blanks, and their values. */
export type KeyValuePairs = ReadonlyMap<string, string>;

const QUOTES: Readonly<Record<string, string>> = { "'": "'", '"': '"', "{": "}" };

/**
 * The pairs of a connection string such as `Server=a;Password={b;c}`: values may stand in quotes or braces, where the
 * closing one counts when it is doubled. Undefined when something is no pair.
 */
export function keyValuePairs(text: string, separator: ";" | " "): KeyValuePairs | undefined {
  const pairs = new Map<string, string>();
  let rest = text.trim();
  while (rest !== "") {
    const equals = rest.indexOf("=");
    if (equals < 0) return undefined;
    const key = rest.slice(0, equals).replace(/[\s_]/g, "").toLowerCase();
    const value = valueOf(rest.slice(equals + 1).trimStart(), separator);
    if (key === "" || value === undefined) return undefined;
    pairs.set(key, value.text);
    rest = value.rest.trimStart();
    while (rest.startsWith(";")) rest = rest.slice(1).trimStart();
  }
  return pairs;
}

function valueOf(text: string, separator: string): { text: string; rest: string } | undefined {
  const close = QUOTES[text.charAt(0)];
  if (close !== undefined) return quotedValue(text, close, separator);
  const end = separator === " " ? text.search(/\s/) : text.indexOf(separator);
  if (end < 0) return { text: text.trim(), rest: "" };
  return { text: text.slice(0, end).trim(), rest: text.slice(end + 1) };
}

function quotedValue(text: string, close: string, separator: string): { text: string; rest: string } | undefined {
  let value = "";
  for (let at = 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character !== close) value += character;
    else if (text.charAt(at + 1) === close) {
      value += close;
      at += 1;
    } else {
      const rest = text.slice(at + 1);
      const isEnd = separator === " " ? /^(\s|$)/.test(rest) : /^\s*(;|$)/.test(rest);
      return isEnd ? { text: value, rest: rest.trimStart() } : undefined;
    }
  }
  return undefined;
}
