import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Place, Problem } from "../model/problem";
import type { Note } from "../model/sink";
import { formatKey, type ConfigProblem } from "./config-error";
import { checkSchema, type FileKind } from "./schema-check";
import { readTextFile, type FileText } from "./text-file";
import { expandVariables, type Environment } from "./variables";
import { parseYaml, placeIn, type YamlDocument } from "./yaml-document";
import { locate, type Position } from "./yaml-locator";

/** Mistakes of one file that are told one by one. */
const MOST_FAULTS = 100;

/** Files whose `servers:` tell how to reach source databases, which the stack and the environment may say, too. */
const WITH_SERVERS: readonly FileKind[] = ["source-groups", "sink-groups"];

/** Files as they would be after an edit, by their path from the folder; undefined for one that would be gone. */
export type EditedFiles = ReadonlyMap<string, string | undefined>;

/** A folder of configuration files, and everything found wrong in them so far. */
export class ConfigFolder {
  readonly problems: ConfigProblem[] = [];
  /** What is wrong with parts that the sink doesn't need. */
  readonly warnings: Note[] = [];
  private readonly documents = new Map<string, YamlDocument>();

  constructor(
    readonly directory: string,
    private readonly env: Environment,
    private readonly edited: EditedFiles = new Map(),
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

  /** Content of a file that needn't be there, variables put in; undefined when it isn't, or when it has problems. */
  read<T>(file: string, kind: FileKind): T | undefined {
    const value = this.readAsWritten<T>(file, kind);
    // Schema YAML comes from inspection and holds no variables.
    return kind === "table" || value === undefined ? value : (this.expand(kind, file, value) as T);
  }

  /** The same with variables as they are written. The value must not be changed. */
  readAsWritten<T>(file: string, kind: FileKind): T | undefined {
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
    return faults.length > 0 ? undefined : (document.value as T);
  }

  /** Content of a file as it is written, with its variables; undefined when it isn't there or is no YAML. */
  written(file: string): unknown {
    return this.open(file)?.value;
  }

  /** Line and column of a place; the first ones of a file that isn't there. */
  positionOf({ file, path }: Place): Position {
    const document = this.open(file);
    return document === undefined ? { line: 1, column: 1 } : locate(document.text, path);
  }

  /** Names in a folder of the configuration, sorted; empty when there is none. */
  list(folder: string): string[] {
    const edited = [...this.edited].filter(([file]) => dirname(file) === folder);
    const gone = edited.flatMap(([file, text]) => (text === undefined ? [basename(file)] : []));
    const there = edited.flatMap(([file, text]) => (text === undefined ? [] : [basename(file)]));
    return [...new Set([...this.listOnDisk(folder), ...there])].filter((name) => !gone.includes(name)).sort();
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

  private listOnDisk(folder: string): string[] {
    try {
      return readdirSync(join(this.directory, folder));
    } catch {
      return [];
    }
  }

  private open(file: string): YamlDocument | undefined {
    const known = this.documents.get(file);
    if (known !== undefined) return known;
    const content = this.content(file);
    if (content === undefined) return undefined;
    const document = "text" in content ? parseYaml(file, content.text) : unreadable(file, content);
    this.documents.set(file, document);
    this.problems.push(...document.problems);
    return document;
  }

  private content(file: string): FileText | undefined {
    if (!this.edited.has(file)) return readTextFile(join(this.directory, file));
    const text = this.edited.get(file);
    return text === undefined ? undefined : { text };
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
