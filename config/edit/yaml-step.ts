import type { YamlPath } from "./yaml-tree";
import type { YamlValue } from "./render";

/** What is left where the last entry or item was taken out: nothing behind the key, `{}`, or not even the key. */
export type WhenEmpty = "nothing" | "braces" | "prune";

/** One change of one file. Paths lead from the file's top. */
export type YamlStep =
  /** A new key, behind the others of its mapping; mappings on the way to it are made. */
  | { readonly op: "add"; readonly path: YamlPath; readonly value: YamlValue }
  /** A new item, behind the others of its list; the list is made when there is none. */
  | { readonly op: "append"; readonly path: YamlPath; readonly value: YamlValue }
  /** A new item before the one at a position of a list that has items, or behind the last. */
  | { readonly op: "insert"; readonly path: YamlPath; readonly index: number; readonly value: YamlValue }
  /** Another scalar for a key that is there. */
  | { readonly op: "set"; readonly path: YamlPath; readonly value: string | number | boolean }
  | { readonly op: "remove"; readonly path: YamlPath; readonly whenEmpty: WhenEmpty };

type Container = Record<string | number, unknown>;

/** What a file's value must be after a step: the proof that the text was edited right. */
export function expectedValue(value: unknown, step: YamlStep): unknown {
  const root = { top: copyOf(value) };
  const path = ["top", ...step.path];
  switch (step.op) {
    case "add":
    case "set":
      containerOf(root, path.slice(0, -1))[path.at(-1) ?? ""] = copyOf(step.value);
      break;
    case "append":
      appendTo(root, path, copyOf(step.value));
      break;
    case "insert":
      (containerOf(root, path) as unknown as unknown[]).splice(step.index, 0, copyOf(step.value));
      break;
    case "remove":
      removeFrom(root, path, step.whenEmpty);
  }
  return root.top;
}

function containerOf(root: Container, path: YamlPath): Container {
  let at = root;
  for (const key of path) at = (at[key] ??= {}) as Container;
  return at;
}

function appendTo(root: Container, path: YamlPath, value: unknown): void {
  const container = containerOf(root, path.slice(0, -1));
  const list = container[path.at(-1) ?? ""] ?? [];
  container[path.at(-1) ?? ""] = [...(list as unknown[]), value];
}

function removeFrom(root: Container, path: YamlPath, whenEmpty: WhenEmpty): void {
  const parentPath = path.slice(0, -1);
  const parent = containerOf(root, parentPath);
  const key = path.at(-1) ?? "";
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent, key);
  if (Object.keys(parent).length > 0) return;
  if (whenEmpty === "prune") removeFrom(root, parentPath, "nothing");
  else if (whenEmpty === "nothing") containerOf(root, parentPath.slice(0, -1))[parentPath.at(-1) ?? ""] = null;
}

/** A copy in which nothing is shared, aliases written out. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copyOf(one)]));
}
