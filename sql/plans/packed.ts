/*
 * Lists as one text. An SDK and an engine handle every value of a property by itself: two dozen columns in each of
 * three thousand resources are most of what a preview does. Only what nobody reads in a diff is packed.
 */

const SEPARATOR = "|";

/** Parts of one text, separated by `|`; `|` and `\` inside a part are preceded by `\`. */
export function packList(parts: readonly string[]): string {
  return parts.map((part) => part.replace(/[\\|]/g, "\\$&")).join(SEPARATOR);
}

export function unpackList(text: string): string[] {
  const parts: string[] = [];
  let part = "";
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (letter === SEPARATOR) {
      parts.push(part);
      part = "";
    } else {
      if (letter === "\\") at += 1;
      part += text.charAt(at);
    }
  }
  return text === "" ? [] : [...parts, part];
}

/** A record of texts, in the order of its keys: `Id|bigint not null|Name|varchar(50)`. */
export function packRecord(record: Readonly<Record<string, string>>): string {
  return packList(Object.entries(record).flat());
}

export function unpackRecord(text: string): Record<string, string> {
  const parts = unpackList(text);
  return Object.fromEntries(
    parts.flatMap((part, index) => (index % 2 === 0 ? [[part, parts[index + 1] ?? ""] as const] : [])),
  );
}

/** Properties as the plans know them, whether `columns` and `order` came packed or not. */
export function unpackProps<P extends object>(props: P): P {
  const { columns, order } = props as { columns?: unknown; order?: unknown };
  if (typeof columns !== "string" && typeof order !== "string") return props;
  return {
    ...props,
    ...(typeof columns === "string" ? { columns: unpackRecord(columns) } : {}),
    ...(typeof order === "string" ? { order: unpackList(order) } : {}),
  };
}
