import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Place, Problem } from "../model/problem";
import type { Note } from "../model/sink";
import { formatKey, type ConfigProblem } from "./config-error";
import { checkSchema, type FileKind } from "./schema-check";
import { readTextFile } from "./text-file";
import { expandVariables, type Environment } from "./variables";
import { parseYaml, placeIn, type YamlDocument } from "./yaml-document";

/** Mistakes of one file that are told one by one. */
const MOST_FAULTS = 100;

/** Files whose `servers:` tell how to reach source databases, which no deployment of a sink does. */
const WITH_SERVERS: readonly FileKind[] = ["source-groups", "sink-groups"];

/** A folder of configuration files, and everything found wrong in them so far. */
export class ConfigFolder {
  readonly problems: ConfigProblem[] = [];
  /** What is wrong with parts that the sink doesn't need. */
  readonly warnings: Note[] = [];
  private readonly documents = new Map<string, YamlDocument>();

  constructor(
    readonly directory: string,
    private readonly env: Environment,
  ) {}

  /** Content of a file that must be there and fit its schema, variables put in; undefined when it doesn't. */
  require<T>(file: string, kind: FileKind, hint: string): T | undefined {
    const known = this.problems.length;
    const value = this.read<T>(file, kind);
    if (value === undefined && this.problems.length === known) {
      this.problems.push({ file, key: "", text: "the file is missing", hint });
    }
    return value;
  }

  /** Content of a file that needn't be there; undefined when it isn't, or when it has problems. */
  read<T>(file: string, kind: FileKind): T | undefined {
    const document = this.open(file);
    if (document === undefined || document.problems.length > 0) return undefined;
    if (document.value === undefined || document.value === null) {
      this.problems.push({ file, key: "", text: "the file is empty", hint: "write its keys, or remove it" });
      return undefined;
    }
    const faults = checkSchema(kind, document.value);
    for (const { path, ...fault } of faults.slice(0, MOST_FAULTS)) this.report({ at: { file, path }, ...fault });
    if (faults.length > MOST_FAULTS) {
      this.problems.push({
        file,
        key: "",
        text: `has ${String(faults.length - MOST_FAULTS)} more mistakes`,
        hint: "see whether it is the right file",
      });
    }
    if (faults.length > 0) return undefined;
    // Schema YAML comes from inspection and holds no variables.
    return (kind === "table" ? document.value : this.expand(kind, file, document.value)) as T;
  }

  /** Names in a folder of the configuration, sorted; empty when there is none. */
  list(folder: string): string[] {
    try {
      return readdirSync(join(this.directory, folder)).sort();
    } catch {
      return [];
    }
  }

  /** Adds a problem, with its line and column. */
  report({ at, text, hint }: Problem): void {
    const document = this.documents.get(at.file);
    const place = document === undefined ? { key: formatKey(at.path) } : placeIn(document, at.path);
    this.problems.push({ file: at.file, ...place, text, ...(hint === undefined ? {} : { hint }) });
  }

  /** Adds a problem of a place, in fewer words. */
  problem(at: Place, text: string, hint?: string): void {
    this.report(hint === undefined ? { at, text } : { at, text, hint });
  }

  private open(file: string): YamlDocument | undefined {
    const known = this.documents.get(file);
    if (known !== undefined) return known;
    const content = readTextFile(join(this.directory, file));
    if (content === undefined) return undefined;
    const document = "text" in content ? parseYaml(file, content.text) : unreadable(file, content);
    this.documents.set(file, document);
    this.problems.push(...document.problems);
    return document;
  }

  private expand(kind: FileKind, file: string, value: unknown): unknown {
    const expanded = expandVariables(value, this.env);
    for (const { name, path } of expanded.missing) {
      const hint = `set it, or write \${${name}:-default}`;
      const text = `environment variable ${name} is not set`;
      if (name.startsWith("${"))
        this.problem({ file, path }, `${name} is no variable`, "write ${NAME} or ${NAME:-default}");
      else if (WITH_SERVERS.includes(kind) && path[1] === "servers") this.warn({ file, path }, `${text}: ${hint}`);
      else this.problem({ file, path }, text, hint);
    }
    return expanded.value;
  }

  private warn({ file, path }: Place, text: string): void {
    this.warnings.push({ severity: "warning", object: `${file} ${formatKey(path)}`, text });
  }
}

function unreadable(file: string, { fault, hint }: { fault: string; hint: string }): YamlDocument {
  return { file, text: "", value: undefined, problems: [{ file, key: "", text: `the file ${fault}`, hint }] };
}
