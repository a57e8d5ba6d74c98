import { didYouMean } from "../../model/findings";
import { nearestWord } from "../../model/nearest-word";
import { formatKey, type ConfigProblem } from "../config-error";
import { HclPlaces, type HclPath } from "./hcl-places";
import { prepareTemplates } from "./hcl-templates";
import { HclValues } from "./hcl-values";
import type { TaskDocument } from "./task-document";

type Mapping = Readonly<Record<string, unknown>>;

const FILE_BLOCKS = ["task", "locals", "dstream"];
/** What a task of the earlier tool may have, and this one has not. */
const OLD_KEYS: Readonly<Record<string, string>> = {
  plugin_path: "write provider_path in the blocks input and output",
  plugin_ref: "write provider_image in the blocks input and output",
};

/** Parses a dstream.hcl into what a tasks.yaml of the same tasks would hold. Never throws for what a user wrote. */
export async function parseHcl(file: string, text: string): Promise<TaskDocument> {
  const prepared = prepareTemplates(text);
  const problems: ConfigProblem[] = prepared.faults.map((fault) => ({ file, key: "", ...fault }));
  const parsed = problems.length > 0 ? undefined : await parsedOf(file, prepared.text, problems);
  const reader = new HclReader(file, new HclPlaces(prepared.text), problems);
  const value = parsed === undefined ? undefined : reader.fileValue(parsed);
  const locals = parsed === undefined ? {} : reader.localsOf(parsed);
  return {
    file,
    problems,
    value: problems.length > 0 ? undefined : value,
    placeOf: (path) => ({ ...reader.positionOf(path), key: formatKey(path) }),
    expand: (part, path, env) => new HclValues(locals, env).expand(part, path),
  };
}

/** Turns what hcl2json tells, where every block is a list, into plain values, and remembers where they came from. */
class HclReader {
  private readonly origins = new Map<string, HclPath>();

  constructor(
    private readonly file: string,
    private readonly places: HclPlaces,
    private readonly problems: ConfigProblem[],
  ) {}

  /** Line and column of a path in the plain value, or of the nearest one above it that is there. */
  positionOf(path: HclPath) {
    for (let length = path.length; length > 0; length -= 1) {
      const origin = this.origins.get(JSON.stringify(path.slice(0, length)));
      if (origin !== undefined) return this.places.positionOf([...origin, ...path.slice(length)]);
    }
    return { line: 1, column: 1 };
  }

  fileValue(parsed: Mapping): Mapping {
    for (const key of Object.keys(parsed).filter((one) => !FILE_BLOCKS.includes(one))) {
      const hint = didYouMean(nearestWord(key, FILE_BLOCKS), `known are ${FILE_BLOCKS.join(", ")}`);
      this.problem([key], `unknown block ${JSON.stringify(key)}`, hint);
    }
    if (parsed["task"] === undefined) return { tasks: {} };
    if (!isMapping(parsed["task"])) {
      this.problem(["task"], "a task has no name", 'write task "name" { … }');
      return { tasks: {} };
    }
    const entries = Object.entries(parsed["task"]).map(([name, blocks]) => [name, this.task(name, blocks)]);
    return { tasks: Object.fromEntries(entries) as Mapping };
  }

  localsOf(parsed: Mapping): Mapping {
    const blocks = Array.isArray(parsed["locals"]) ? parsed["locals"] : [];
    return Object.assign({}, ...blocks.filter(isMapping)) as Mapping;
  }

  private task(name: string, blocks: unknown): unknown {
    const origin = ["task", name];
    this.origins.set(JSON.stringify(["tasks", name]), origin);
    if (!Array.isArray(blocks)) {
      this.problem(origin, "a task has one name, not two", 'write task "name" { … }');
      return {};
    }
    if (blocks.length > 1) this.problem([...origin, 1], `there are two tasks ${name}`, "give one of them another name");
    for (const [key, hint] of Object.entries(OLD_KEYS)) {
      if (isMapping(blocks[0]) && key in blocks[0])
        this.problem([...origin, 0, key], `${key} belongs to plug-ins, which are no longer there`, hint);
    }
    return this.plain(blocks[0], [...origin, 0], ["tasks", name]);
  }

  /** A value without the lists that stand for blocks: one block is a mapping, several of a name are a list. */
  private plain(value: unknown, origin: HclPath, path: HclPath): unknown {
    this.origins.set(JSON.stringify(path), origin);
    if (Array.isArray(value)) {
      const [first] = value as unknown[];
      if (value.length === 1 && this.places.isBlock(origin)) return this.plain(first, [...origin, 0], path);
      return value.map((one, index) => this.plain(one, [...origin, index], [...path, index]));
    }
    if (!isMapping(value)) return value;
    const entries = Object.entries(value).map(([key, one]) => {
      return [key, this.plain(one, [...origin, key], [...path, key])] as const;
    });
    return Object.fromEntries(entries);
  }

  private problem(origin: HclPath, text: string, hint: string): void {
    this.problems.push({ file: this.file, key: "", ...this.places.positionOf(origin), text, hint });
  }
}

/** The file as HashiCorp's parser reads it; undefined when it is no HCL, which is then among the problems. */
async function parsedOf(file: string, text: string, problems: ConfigProblem[]): Promise<Mapping | undefined> {
  // Half a second and 12 MB: only for those who write HCL.
  const { parse } = await import("@cdktf/hcl2json");
  try {
    return (await parse(NAME_IN_MESSAGES, text)) as Mapping;
  } catch (error) {
    problems.push({ file, key: "", ...syntaxFault(error instanceof Error ? error.message : String(error)) });
    return undefined;
  }
}

/** The parser puts the name before every place: one that can be found again. */
const NAME_IN_MESSAGES = "tasks.hcl";
const DIAGNOSTIC = /tasks\.hcl:(\d+),(\d+)-[\d,]*: (.*?)(?=(?: tasks\.hcl:\d|\]?$))/s;

function syntaxFault(message: string): Pick<ConfigProblem, "line" | "column" | "text" | "hint"> {
  const [, line, column, text = message] = DIAGNOSTIC.exec(message) ?? [];
  const [what = text, ...more] = text.split("; ");
  const place = line === undefined ? {} : { line: Number(line), column: Number(column) };
  const hint = more.join("; ").replace(/\.$/, "");
  return { ...place, text: `not valid HCL: ${what}`, ...(hint === "" ? {} : { hint }) };
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
