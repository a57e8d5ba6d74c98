import type { Properties, Value } from "../protocol/struct";
import { isObject } from "../values";

/** Splits a property path such as `a.b[0]["c.d"]`; `*` stands for every member. */
export function parsePath(path: string): (string | number)[] {
  const parts: (string | number)[] = [];
  for (const match of path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|\[(\*)\]|([^.[\]]+)/g)) {
    const [, quoted, index, star, name] = match;
    if (quoted !== undefined) parts.push(quoted.replace(/\\(.)/g, "$1"));
    else parts.push(index === undefined ? (star ?? name ?? "") : Number(index));
  }
  return parts;
}

/** The new inputs with the old values wherever a path says that changes are to be ignored. */
export function ignoreChanges(news: Properties, olds: Properties, paths: readonly string[]): Properties {
  let result: Value = news;
  for (const path of paths) result = restore(result, olds, parsePath(path)) ?? {};
  return result as Properties;
}

function restore(
  news: Value | undefined,
  olds: Value | undefined,
  path: readonly (string | number)[],
): Value | undefined {
  const [head, ...rest] = path;
  if (head === undefined) return olds;
  if (head === "*") return restoreAll(news, olds, rest);
  if (Array.isArray(news)) return restoreElement(news, olds, head, rest);
  if (!isObject(news)) return news;
  const name = String(head);
  const { [name]: _replaced, ...others } = news;
  const value = restore(news[name], isObject(olds) ? olds[name] : undefined, rest);
  return value === undefined ? others : { ...others, [name]: value };
}

function restoreElement(
  news: Value[],
  olds: Value | undefined,
  head: string | number,
  rest: readonly (string | number)[],
): Value[] {
  const index = Number(head);
  const value = restore(news[index], Array.isArray(olds) ? olds[index] : undefined, rest);
  return value === undefined || index >= news.length ? news : news.with(index, value);
}

function restoreAll(
  news: Value | undefined,
  olds: Value | undefined,
  rest: readonly (string | number)[],
): Value | undefined {
  if (rest.length === 0) return olds;
  if (Array.isArray(news))
    return news.map((value, i) => restore(value, Array.isArray(olds) ? olds[i] : undefined, rest) ?? value);
  if (!isObject(news)) return news;
  const entries = Object.entries(news).map(([name, value]) => {
    return [name, restore(value, isObject(olds) ? olds[name] : undefined, rest)] as const;
  });
  return Object.fromEntries(entries.filter((entry): entry is readonly [string, Value] => entry[1] !== undefined));
}
