/** The little XML that queues are described in: elements that hold text, in one parent. */

/** Texts of the leaf elements of an XML document by their names, without prefixes. */
export function readLeaves(xml: string): Map<string, string> {
  const leaves = new Map<string, string>();
  const pattern = /<(?:\w+:)?(\w+)(?:\s[^<>]*)?(?:\/>|>([^<]*)<\/(?:\w+:)?\1\s*>)/g;
  for (const [, name = "", text = ""] of xml.matchAll(pattern)) leaves.set(name, unescape(text));
  return leaves;
}

export function element(name: string, text: string | number | boolean): string {
  return `<${name}>${escape(String(text))}</${name}>`;
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const ESCAPED = new Map(Object.entries(NAMED).map(([name, character]) => [character, `&${name};`]));

export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ESCAPED.get(character) ?? character);
}

function unescape(text: string): string {
  return text.replace(/&(#x?)?(\w+);/g, (whole, number: string | undefined, name: string) => {
    if (number === undefined) return NAMED[name] ?? whole;
    return String.fromCodePoint(parseInt(name, number === "#x" ? 16 : 10));
  });
}
