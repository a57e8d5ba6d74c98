import { CORE_SCHEMA, load, YAMLException } from "js-yaml";
import { formatKey, type ConfigProblem } from "./config-error";
import { locate, type Position } from "./yaml-locator";

/** A YAML file's content, or what keeps it from having one. */
export interface YamlDocument {
  /** Path from the configuration's folder. */
  readonly file: string;
  readonly text: string;
  /** Undefined when there are problems. */
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
}

/** Deeper nesting is no configuration of ours. */
const MAX_DEPTH = 40;
/** Values of one file, those that aliases stand for counted each time: enough for thousands of tables. */
const MAX_VALUES = 200_000;

const parsed = new Map<string, Omit<YamlDocument, "file">>();
const MAX_CACHED_CHARACTERS = 16_000_000;
let cachedCharacters = 0;

/** Parses a YAML text; the same text is parsed once per process. The value must not be changed. */
export function parseYaml(file: string, text: string): YamlDocument {
  const known = parsed.get(text);
  if (known !== undefined) return { file, ...known, problems: known.problems.map((problem) => ({ ...problem, file })) };
  const document = parse(file, text);
  remember(text, document);
  return { file, ...document };
}

/** The position of a key path in a document, and the path in words. */
export function placeIn(
  document: YamlDocument,
  path: readonly (string | number)[],
): Position & { readonly key: string } {
  return { ...locate(document.text, path), key: formatKey(path) };
}

/** YAML 1.2 core: dates and `no` stay text. */
function parse(file: string, text: string): Omit<YamlDocument, "file"> {
  try {
    const value: unknown = load(text, { schema: CORE_SCHEMA, filename: file });
    const fault = treeFault(value);
    return fault === undefined ? { text, value, problems: [] } : failed(text, { file, key: "", ...fault });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return failed(text, syntaxProblem(file, error));
  }
}

function failed(text: string, problem: ConfigProblem): Omit<YamlDocument, "file"> {
  return { text, value: undefined, problems: [problem] };
}

function remember(text: string, document: Omit<YamlDocument, "file">): void {
  if (cachedCharacters + text.length > MAX_CACHED_CHARACTERS) {
    parsed.clear();
    cachedCharacters = 0;
  }
  parsed.set(text, document);
  cachedCharacters += text.length;
}

const HINTS: readonly [RegExp, string][] = [
  [/tab characters/, "indent with spaces"],
  [/duplicated mapping key/, "remove one of the two"],
  [/bad indentation/, "line it up with its neighbours"],
  [/expected a single document/, "keep one document per file, without further ---"],
  [/unidentified alias/, "define it with & before it is used"],
  [/unknown tag/, "remove the tag"],
  [/maxDepth/, "nothing here is nested so deeply"],
];

function syntaxProblem(file: string, error: YAMLException): ConfigProblem {
  const reason = error.reason === "" ? "is not valid YAML" : error.reason;
  const hint =
    HINTS.find(([pattern]) => pattern.test(reason))?.[1] ?? "see whether quotes, brackets and indentation are right";
  // An exception without a place, such as too many documents, has no mark at run time.
  const mark = error.mark as YAMLException["mark"] | undefined;
  const place = mark === undefined ? {} : { line: mark.line + 1, column: mark.column + 1 };
  return { file, ...place, key: "", text: `not valid YAML: ${reason}`, hint };
}

interface Walk {
  values: number;
  readonly above: Set<object>;
}

/** What a small text can do to memory: lead back to itself, or multiply, by its aliases. */
function treeFault(value: unknown): { text: string; hint: string } | undefined {
  return nodeFault(value, { values: 0, above: new Set() });
}

function nodeFault(value: unknown, walk: Walk): { text: string; hint: string } | undefined {
  if (++walk.values > MAX_VALUES) {
    return {
      text: `holds more than ${String(MAX_VALUES)} values, aliases written out`,
      hint: "see whether it is the right file",
    };
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (walk.above.has(value))
    return { text: "an alias leads back to itself", hint: "write out what the alias stands for" };
  if (walk.above.size >= MAX_DEPTH)
    return { text: `is nested more than ${String(MAX_DEPTH)} deep`, hint: "nothing here is nested so deeply" };
  walk.above.add(value);
  for (const child of Object.values(value)) {
    const fault = nodeFault(child, walk);
    if (fault !== undefined) return fault;
  }
  walk.above.delete(value);
  return undefined;
}
